package wechat

// The return codes that something here or above decides by.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
const (
	CodeSystemBusy            = -1
	CodeInvalidToken          = 40001
	CodeInvalidAppID          = 40013
	CodeMalformedToken        = 40014
	CodeCallerIPSecret        = 40164
	CodeTokenExpired          = 42001
	CodeComponentTokenExpired = 42006
	CodeDailyQuota            = 45009
	CodeMinuteQuota           = 45011
	CodeUnauthorized          = 48001
	CodeNotAuthorized         = 61003
	CodeCallerIP              = 61004
	CodeNotGranted            = 61007
	CodeInvalidComponent      = 61011
	CodeOpenNotExists         = 89002
)
