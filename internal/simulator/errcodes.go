package simulator

// The errcodes the simulator gives, with WeChat's texts:
// https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html
const (
	codeSystemError       = -1
	codeInvalidCredential = 40001
	codeInvalidAppID      = 40013
	codeInvalidURL        = 40066
	codeInvalidArgs       = 40097
	codeInvalidSecret     = 40125
	codeCountLimit        = 40170
	codeTokenMissing      = 41001
	codeSecretMissing     = 41004
	codeNoComponentAppID  = 41018
	codeTokenExpired      = 42001
	codeNeedGET           = 43001
	codeNeedPOST          = 43002
	codeEmptyBody         = 44002
	codeDailyQuota        = 45009
	codeMinuteQuota       = 45011
	codeDataFormat        = 47001
	codeUnauthorized      = 48001
	codeUserLimited       = 50002
	codeNotAuthorized     = 61003
	codeCallerIP          = 61004
	codeTicketExpired     = 61005
	codeTicketInvalid     = 61006
	codeCodeInvalid       = 61009
	codeCodeExpired       = 61010
	codeInvalidComponent  = 61011
	codeNeedComponent     = 61014
	codeRefreshToken      = 61023
	codeNoOpenAccount     = 89002
)

var errmsgs = map[int]string{
	codeSystemError: "system error",
	codeInvalidCredential: "invalid credential, access_token is invalid or not latest, could get access_token by " +
		"getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
	codeInvalidAppID:     "invalid appid",
	codeInvalidURL:       "invalid url",
	codeInvalidArgs:      "invalid args",
	codeInvalidSecret:    "invalid appsecret",
	codeCountLimit:       "args count exceed count limit",
	codeTokenMissing:     "access_token missing",
	codeSecretMissing:    "appsecret missing",
	codeNoComponentAppID: "missing component_appid",
	codeTokenExpired:     "access_token expired",
	codeNeedGET:          "require GET method",
	codeNeedPOST:         "require POST method",
	codeEmptyBody:        "empty post data",
	codeDailyQuota:       "reach max api daily quota limit",
	codeMinuteQuota:      "api minute-quota reach limit, must slower, retry next minute",
	codeDataFormat:       "data format error",
	codeUnauthorized:     "api unauthorized",
	codeUserLimited:      "user limited",
	codeNotAuthorized:    "component is not authorized by this account",
	codeCallerIP:         "access clientip is not registered",
	codeTicketExpired:    "component ticket is expired",
	codeTicketInvalid:    "component ticket is invalid",
	codeCodeInvalid:      "code is invalid",
	codeCodeExpired:      "code is expired",
	codeInvalidComponent: "invalid component",
	codeNeedComponent:    "must use component token for component api",
	codeRefreshToken:     "refresh_token is invalid",
	codeNoOpenAccount:    "open not exists",
}

// refusal is an answer with an errcode other than 0.
type refusal struct {
	code int
	text string // without the rid
}

func refuse(code int) *refusal { return &refusal{code: code, text: errmsgs[code]} }

// codeLacking is no errcode of WeChat's: the endpoint is one that WeChat has and the simulator has not.
const codeLacking = 501

func refuseLacking(path string) *refusal {
	return &refusal{code: codeLacking, text: "the simulator does not have " + path + ", which WeChat has"}
}

// refuseCaller is the refusal that names the caller's IP address.
func refuseCaller(ip string) *refusal {
	return &refusal{code: codeCallerIP, text: errmsgs[codeCallerIP] + " requestIP: " + ip}
}
