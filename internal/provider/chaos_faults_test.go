package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// misfortune is a fault that may meet a request. It writes what takes the true answer's place.
type misfortune struct {
	name   string
	weight int
	strike func(c *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)
}

// says answers with a body of the status 200, in WeChat's place or in its manner.
func says(body string) func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		_, _ = w.Write([]byte(body))
	}
}

// page answers with a status and a page of a gateway.
func page(status int) func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(_ *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<html><body><h1>%d</h1>%s</body></html>", status, r.URL) // with the token in it, as some do
	}
}

// inTheNetwork may happen to anything that is asked over HTTP.
var inTheNetwork = []misfortune{
	{"502 page", 6, page(http.StatusBadGateway)},
	{"503 page", 6, page(http.StatusServiceUnavailable)},
	{"429", 3, page(http.StatusTooManyRequests)},
	{"408", 3, page(http.StatusRequestTimeout)},
	{"404 page", 1, page(http.StatusNotFound)},
	{"login page", 1, page(http.StatusOK)},
	{"redirect", 1, func(_ *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		http.Redirect(w, r, "http://"+chaosService+"/login?from="+r.URL.RawQuery, http.StatusFound)
	}},
	{"empty answer", 6, says("")},
	{"half an answer", 6, func(_ *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}},
	{"half an answer that says it is whole", 3, func(_ *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	}},
	{"closed without an answer", 6, func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
		panic(http.ErrAbortHandler)
	}},
	{"reset", 6, func(c *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		connection, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", answer.Body.Len())
		_ = out.Flush()
		reset(connection)
	}},
	{"never an answer", 2, func(_ *chaos, _ http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		<-r.Context().Done()
	}},
	{"never the end of an answer", 2, func(_ *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}},
	{"a byte a second", 1, func(_ *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
		for _, char := range answer.Body.Bytes() {
			if _, err := w.Write([]byte{char}); err != nil || r.Context().Err() != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second)
		}
	}},
	{"not HTTP", 1, func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		connection, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = out.WriteString("220 mail.example ESMTP\r\n")
		_ = out.Flush()
		_ = connection.Close()
	}},
	{"foreign JSON", 1, says(`{"code":0,"data":{"open_appid":"wx2fffffffffffffff"},"access":"granted"}`)},
	{"an array", 1, says(`[{"open_appid":"wx2fffffffffffffff","errcode":0}]`)},
	{"unbound, and bound", 1, says(`{"errcode":89002,"errmsg":"open not exists","open_appid":"wx2fffffffffffffff"}`)},
	{"another account's", 1, says(`{"errcode":0,"appid":"wx1ffffffffffffffff","open_appid":"wx2fffffffffffffff"}`)},
	{"another's capitals", 1, says(`{"ErrCode":89002,"Open_AppID":"wx2fffffffffffffff"}`)},
	{"success without an answer", 1, says(`{"errcode":0,"errmsg":"ok"}`)},
	{"an empty answer's text", 1, says(`{"open_appid":"","have_open":null,"errcode":0,"errmsg":"ok"}`)},
	{"nulls", 1, says(`{"open_appid":null,"have_open":null,"same_entity":null,"errcode":null,"list":null,"total_count":null}`)},
	{"a code that is none", 1, says(`{"errcode":"89002 or so","errmsg":"open not exists"}`)},
	{"half a code", 1, says(`{"errcode":89002.5,"errmsg":"open not exists"}`)},
	{"only the text", 1, says(`{"errmsg":"open not exists"}`)},
}

// ofWeChat is what else WeChat says.
var ofWeChat = slices.Concat(inTheNetwork, []misfortune{
	{"-1", 20, says(`{"errcode":-1,"errmsg":"system error hint: [x1y2] rid: 5ff80eb8-00000001-00000002"}`)},
	{"45011", 4, says(`{"errcode":45011,"errmsg":"api minute-quota reach limit, must slower, retry next minute rid: 5ff80eb8-00000001-00000002"}`)},
	{"45009", 1, says(`{"errcode":"45009","errmsg":"reach max api daily quota limit"}`)},
	{"48001", 1, says(`{"errcode":48001,"errmsg":"api unauthorized rid: 5ff80eb8-00000001-00000002"}`)},
	{"61003", 1, says(`{"errcode":61003,"errmsg":"component is not authorized by this account"}`)},
	{"a code that nobody knows", 1, says(`{"errcode":99999,"errmsg":"from 127.0.0.1"}`)},
})

// chaosKey is what the token service wants to see.
const chaosKey = "Qm7Zt2Kx9Wd4Rf8Lp3Vn6Hs1"

// inPieces repeats a secret as no search for it finds it.
func inPieces(secret string) string {
	var text strings.Builder
	for piece := range slices.Chunk([]byte(secret), 4) {
		_, _ = fmt.Fprintf(&text, "<b>%s</b> - ", piece)
	}
	return text.String()
}

// ofAService is what else a token service says.
var ofAService = slices.Concat(inTheNetwork, []misfortune{
	{"service: no such account", 2, says(`{"code":1002,"errorMsg":"system error"}`)},
	{"service: 401", 1, page(http.StatusUnauthorized)},
	{"service: 403", 1, page(http.StatusForbidden)},
	{"service: two tokens", 1, says(`{"access_token":"61_one_of_two","access_token":"61_two_of_two"}`)},
	{"service: its key in pieces", 2, func(_ *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		_, _ = fmt.Fprintf(w, `{"error":{"code":9,"message":%q}}`, "no entry for "+inPieces(r.Header.Get("X-Key")))
	}},
	{"service: a URL with a token", 2, func(c *chaos, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		address := "https://api.weixin.qq.com/cgi-bin/component/x?component_access_token=" + c.issued[0]
		_, _ = fmt.Fprintf(w, `{"code":1002,"errorMsg":"error","data":%q}`, "Post \""+address+"\": EOF")
	}},
	{"service: an empty token", 2, says(`{"access_token":"","expires_in":7200}`)},
	{"service: no text", 1, says(`{"access_token":7200}`)},
	{"service: no lifetime", 1, says(`{"access_token":"61_something_that_looks_like_one"}`)},
	{"service: a dead token", 10, says(`{"access_token":"61_dead_and_never_to_be_taken_by_anybody","expires_in":7200}`)},
	{"service: a sibling's token", 6, func(c *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		sibling := c.singles[c.dice("sibling", r.URL.Path).IntN(len(c.singles))]
		token := c.wechat.Token(sibling)
		c.hold(sibling, token)
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":7200}`, token)
	}},
})

// strike picks one of the misfortunes, or none, for a request.
func (c *chaos) strike(dice *rand.Rand, of []misfortune) *misfortune {
	const rate = 0.3
	if dice.Float64() > rate {
		return nil
	}
	total := 0
	for _, each := range of {
		total += each.weight
	}
	at := dice.IntN(total)
	for number := range of {
		if at -= of[number].weight; at < 0 {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.struck[of[number].name]++
			return &of[number]
		}
	}
	return nil
}

// serveWeChat is the simulator with misfortunes before it.
func (c *chaos) serveWeChat(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	var asked struct {
		AppID      string `json:"appid"`
		Authorizer string `json:"authorizer_appid"`
	}
	_ = json.Unmarshal(body.Bytes(), &asked)
	c.mutex.Lock()
	appid := c.owner[r.URL.Query().Get("access_token")]
	c.mutex.Unlock()
	if asked.AppID+asked.Authorizer != "" {
		appid = asked.AppID + asked.Authorizer
	}
	dice := c.dice(r.URL.Path, appid, c.count(r.URL.Path, appid))
	c.meddle(dice, r.URL.Path, appid)

	again := r.Clone(r.Context())
	again.Body = http.NoBody
	if body.Len() > 0 {
		again.Body = readCloser{bytes.NewReader(body.Bytes())}
	}
	answer := httptest.NewRecorder()
	c.wechat.ServeHTTP(answer, again)
	c.learn(r.URL.Path, appid, answer.Body.Bytes())
	time.Sleep(time.Duration(dice.Int64N(int64(c.latency))))
	if fault := c.strike(dice, c.faults); fault != nil {
		fault.strike(c, w, r, answer)
		return
	}
	if told := map[string]any{}; json.Unmarshal(answer.Body.Bytes(), &told) == nil {
		c.mutex.Lock()
		c.told[r.URL.Path+" "+appid] = told
		c.mutex.Unlock()
	}
	w.Header().Set("Content-Type", []string{"application/json; encoding=utf-8", "text/plain", "text/html; charset=gbk"}[dice.IntN(3)])
	_, _ = w.Write(answer.Body.Bytes())
}

// meddle does what the world does meanwhile: accounts move, and somebody refreshes tokens.
func (c *chaos) meddle(dice *rand.Rand, path, appid string) {
	number, known := c.number[appid]
	if path != pathOpenGet || !known {
		return
	}
	if dice.IntN(5) == 0 {
		openAppID := chaosOpenAppID(number, dice.IntN(3))
		if dice.IntN(4) == 0 {
			openAppID = ""
		}
		if err := c.wechat.UpdateAccount(appid, func(account *simulator.Account) { account.OpenAppID = openAppID }); err != nil {
			c.t.Error(err)
		}
		c.mutex.Lock()
		c.moves++
		c.mutex.Unlock()
	}
	if dice.IntN(10) == 0 {
		token := c.issue(appid) // and with it the one before is dead
		c.mutex.Lock()
		c.struck["rotated from outside"]++
		c.mutex.Unlock()
		if c.keepsFiles() && dice.IntN(4) > 0 {
			c.writeToken(appid, token)
		}
	}
}

// learn sees which tokens were refused.
func (c *chaos) learn(path, appid string, answer []byte) {
	var told struct {
		Code int `json:"errcode"`
	}
	_ = json.Unmarshal(answer, &told)
	if path == pathOpenGet && (told.Code == 40001 || told.Code == 42001) {
		if told.Code == 42001 && c.keepsFiles() && c.dice("refresh", appid).IntN(4) > 0 {
			c.writeToken(appid, c.issue(appid)) // as whoever keeps the files does, if late
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.renewing[appid] = true
		c.struck[fmt.Sprint(told.Code)]++
	}
}

// serveTokens is a token service with misfortunes before it.
func (c *chaos) serveTokens(w http.ResponseWriter, r *http.Request) {
	appid := strings.Trim(r.URL.Path, "/")
	dice := c.dice("token", appid, c.count("/token", appid))
	if r.Header.Get("X-Wechat-Token-Rejected") != "" {
		c.mutex.Lock()
		c.rejected[appid]++
		c.mutex.Unlock()
	}
	token := c.wechat.Token(appid)
	c.hold(appid, token)
	answer := httptest.NewRecorder()
	_, _ = fmt.Fprintf(answer, `{"access_token":%q,"expires_in":%d}`, token, 100+dice.IntN(3000))
	time.Sleep(time.Duration(dice.IntN(1000)) * time.Millisecond)
	if fault := c.strike(dice, ofAService); fault != nil {
		fault.strike(c, w, r, answer)
		return
	}
	_, _ = w.Write(answer.Body.Bytes())
}
