package wire

import (
	"strings"
	"testing"
)

// TestSecrets has what a program or a service is given under a name, and what of it no message may show.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		secrets     string // joined by " | "
	}{
		// The name says it: no word is too plain, and little too short.
		{"REDIS_PASSWORD", "foobared", "foobared"},
		{"REDIS_PASSWORD", "correct horse battery", "correct horse battery"},
		{"REDISCLI_AUTH", "h4!x", "h4!x"},
		{"MYSQL_PWD", "hunter2", "hunter2"},
		{"MYSQL_PWD", "abc", ""},
		{"API_KEY", "info", ""},
		{"TOKEN_TTL", "7200", ""},
		{"SSH_KEY", "--BEGIN KEY--\nMC4CAQAwBQYDK2VwBCIEIJ\n--END KEY--", "MC4CAQAwBQYDK2VwBCIEIJ"},
		{"SIGNING_KEY", "//8AAhq3vXw0Kz", "//8AAhq3vXw0Kz"},
		{"Authorization", "Bearer 61_W3mEpU66", "61_W3mEpU66"},
		// The name says where it is.
		{"PWD", "/home/somebody/infrastructure", ""},
		{"TOKEN_FILE", "/run/secrets/wechat2.json", ""},
		{"SECRETS_DIR", "../secrets", ""},
		{"TOKEN_URL", "https://tokens.example/v1?verbose=1", ""},
		{"SSH_AUTH_SOCK", "/tmp/ssh-XXabc123/agent.42", ""},
		// The value must say it.
		{"REDIS_HOST", "redis-01.cache.internal:6379", ""},
		{"REDIS_HOST", "redis", ""},
		{"REDIS_PORT", "6379", ""},
		{"ACCOUNT", "100000000001", ""},
		{"LOG", "info", ""},
		{"LOG", "information", ""},
		{"LANG", "zh_CN", ""},
		{"WHERE", "secret/data/wechat", ""},
		{"WHERE", "生产环境的配置", ""},
		{"COMPONENT", "wx1000000000000001", ""},
		{"ENDPOINT", "redis://redis.internal:6379/0", ""},
		{"ENDPOINT", "redis://:p%40ssw0rd@redis.internal:6379/0", "p@ssw0rd"},
		{"ENDPOINT", "https://x7Kd93mqP0@git.example", "x7Kd93mqP0"},
		{"VAULT", "x7Kd93mq", "x7Kd93mq"},
		{"VAULT", "x7Kd93m", ""},
		{"ARGS", `-h redis.internal -a "x7Kd93mq" -n 0`, "x7Kd93mq"},
		{"", `{"access_token":"61_W3mEpU66027wgNZ","expires_in":7200}`, "61_W3mEpU66027wgNZ"},
		{"", "NOAUTH Authentication required.", ""},
	} {
		if got := strings.Join(Secrets(test.name, test.value), " | "); got != test.secrets {
			t.Errorf("%s=%s: got %q, want %q", test.name, test.value, got, test.secrets)
		}
	}
}

// TestRedactSparesOrdinaryText has texts that a secret must not make unreadable.
func TestRedactSparesOrdinaryText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ secret, text, want string }{
		{"info", "information for info", "information for [redacted]"},
		{"hunter2", "hunter2 hunter2, unhunter2ed, (hunter2)", "[redacted] [redacted], unhunter2ed, ([redacted])"},
		{"hunter2", "it was hunte%722", withheld},
		{"hunter2", "it was aHVudGVyMg==", withheld},
		{"hunter2", "it was a hunter, 2 of them", "it was a hunter, 2 of them"},
		{"密码在这里", "错误密码在这里了", "错误[redacted]了"},
		{"a b!c", "it was a+b%21c", withheld},
		{"one 1\n  and two 2", "it was one 1\n  and two 2", "it was [redacted]"},
	} {
		if got := Redact(test.text, test.secret); got != test.want {
			t.Errorf("%q in %q: got %q, want %q", test.secret, test.text, got, test.want)
		}
	}
}

func TestRedactCutsURLs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{`Get "https://h.example/cgi-bin/x?a=b&c=d": EOF`, `Get "https://h.example/cgi-bin/x?[redacted]": EOF`},
		{`{"u":"https:\/\/h.example\/x?a=b\u0026c=d"}`, `{"u":"https:\/\/h.example\/x?[redacted]"}`},
		{`see https%3A%2F%2Fh.example%2Fx%3Fa%3Db now`, `see https%3A%2F%2Fh.example%2Fx%3F[redacted] now`},
		{`请看 https://h.example/x?a=b，再试一次`, `请看 https://h.example/x?[redacted]，再试一次`},
		{`is it https://h.example? really?`, `is it https://h.example? really?`},
		{`redis://:pa/ss@word@redis.internal:6379/0 is down`, `redis://[redacted]@redis.internal:6379/0 is down`},
		{`redis:\/\/user:pass@redis.internal`, `redis:\/\/[redacted]@redis.internal`},
		{`https://h.example/@scope/name`, `https://h.example/@scope/name`},
		{`https://h.example/x?to=a@b`, `https://h.example/x?[redacted]`},
	} {
		if got := Redact(test.text); got != test.want {
			t.Errorf("Redact(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
