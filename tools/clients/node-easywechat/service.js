// The token service of a third-party platform, built on the SDK node-easywechat. The tests of the provider run it
// against the simulator. It does the same as ../silenceper.

'use strict';

const http = require('http');
const { CacheInterface, OpenPlatform, ServerRequest } = require('node-easywechat');

// The SDK's own cache is files in the present folder.
class Memory extends CacheInterface {
  kept = new Map();
  async get(key) { return this.kept.get(key); }
  async has(key) { return this.kept.has(key); }
  async set(key, value) { this.kept.set(key, value); return true; }
  async delete(key) { return this.kept.delete(key); }
}

const cache = new Memory();

// A platform answers one event: its server keeps the handlers, and the signature, of the one before.
function newPlatform() {
  const platform = new OpenPlatform({
    app_id: process.env.COMPONENT_APPID,
    secret: process.env.COMPONENT_APPSECRET,
    token: process.env.PUSH_TOKEN,
    aes_key: process.env.PUSH_KEY,
    http: { baseURL: process.env.SIMULATOR + '/' },
  });
  platform.setCache(cache);
  return platform;
}

const platform = newPlatform();

const refreshTokens = new Map();

async function events(request) {
  const platform = newPlatform();
  platform.setRequest(await ServerRequest.createFromIncomingMessage(request));
  const server = platform.getServer();
  server.handleAuthorized(async (event, next) => {
    const authorization = await platform.getAuthorization(event.get('AuthorizationCode'));
    refreshTokens.set(authorization.getAppId(), authorization.getRefreshToken());
    await platform.getAuthorizerAccessToken(authorization.getAppId(), authorization.getRefreshToken());
    return next(event);
  });
  const response = await server.serve();
  return response.getBody().toString();
}

async function ask(path, body) {
  const response = await platform.getClient().postJson('cgi-bin/component/' + path, {
    component_appid: process.env.COMPONENT_APPID, ...body,
  });
  return response.toObject();
}

const answers = {
  '/pre-auth-code': async () => (await platform.createPreAuthorizationCode()).pre_auth_code,
  '/token': async (appid) => platform.getAuthorizerAccessToken(appid, refreshTokens.get(appid)),
  '/info': async (appid) => {
    const told = await ask('api_get_authorizer_info', { authorizer_appid: appid });
    return {
      nick_name: told.authorizer_info.nick_name,
      permission_sets: told.authorization_info.func_info.map((set) => set.funcscope_category.id),
    };
  },
  '/list': async () => {
    const told = await ask('api_get_authorizer_list', { offset: 0, count: 500 });
    return told.list.map((item) => item.authorizer_appid);
  },
  '/open': async (appid) => {
    const account = await platform.getMiniAppWithRefreshToken(appid, refreshTokens.get(appid));
    const response = await account.getClient().postJson('cgi-bin/open/get', { appid });
    return response.toObject().open_appid;
  },
};

http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  try {
    if (url.pathname === '/events') {
      response.end(await events(request));
    } else {
      response.end(JSON.stringify({ value: await answers[url.pathname](url.searchParams.get('appid')) }));
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(0, '127.0.0.1', function () {
  console.log('http://127.0.0.1:' + this.address().port);
});
