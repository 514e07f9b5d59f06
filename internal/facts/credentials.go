package facts

import (
	"fmt"
)

// checkAccount finds a token that is of no use. A single endpoint that refuses it shows a difference, and no bad
// token; and a second account may have granted nothing.
func (v *verification) checkAccount(h Holder) {
	if v.Credentials[h] == (Credential{}) {
		return
	}
	t := token(h)
	read, info := v.exchange(ask(openGet).with(t)), v.exchange(ask(basicInfo).with(t))
	switch {
	case h == Second && read.is(48001):
		// Where this endpoint tells the truth about the first account, it does about the second.
		if own := v.Credentials[First]; own.AppID != "" &&
			v.exchange(ask(basicInfo).with(first)).text("appid") == own.AppID &&
			info.succeeded() && info.text("appid") != v.Credentials[h].AppID {
			v.trouble[h] = notOf(h, "account/getaccountbasicinfo names another")
		}
	case read.refuses() && info.refuses() && v.exchange(ask(openHave).with(t)).refuses():
		v.trouble[h] = Variables[h][0] + " is of no use: " +
			read.why("an authorizer's, or its account granted no permission set")
	case v.exchange(named(t)).is(40013) && read.isOne(0, 89002) && info.text("appid") != v.Credentials[h].AppID:
		v.trouble[h] = notOf(h, "WeChat answers 40013")
	}
}

func notOf(h Holder, reason string) string {
	return fmt.Sprintf("%s is not the token of the account %s: %s", Variables[h][0], Variables[h][1], reason)
}

// checkComponent takes two refusals for a token that is of no use.
func (v *verification) checkComponent() {
	if v.Credentials[Component] == (Credential{}) {
		return
	}
	list := v.exchange(listing(0, 500))
	if list.refuses() && v.exchange(listing(1, 1).underNewName()).refuses() {
		v.trouble[Component] = Variables[Component][0] + " is of no use: " + list.why("a component's")
	}
}

// refuses says that WeChat would take this token for nothing.
func (e *exchange) refuses() bool {
	return e.isOne(40001, 40014, 42001, 42006, 42007, 48001, 61014, 61004, 40164, 40013)
}

// why says what is wrong with a token that was refused.
func (e *exchange) why(kind string) string {
	reason := "so it has ended, or never was a token; put in one that works"
	switch {
	case e.isOne(61004, 40164):
		reason = "so this machine's address is not on the platform's list"
	case e.is(40013):
		reason = "so it is not the token of the appid that is given with it"
	case e.isOne(48001, 61014):
		reason = "so it is not " + kind
	}
	return fmt.Sprintf("WeChat answers %d, %s", *e.answer.Errcode, reason)
}
