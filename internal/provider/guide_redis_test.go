package provider

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const redisPassword = "hunter2-and-something-more"

// redisServer is a real Redis on a port of its own.
type redisServer struct{ port string }

// newRedis starts one. Where there is none to start, `make test` tells of it.
func newRedis(t *testing.T) redisServer {
	t.Helper()
	needPrograms(t, "the recipes for Redis", "redis-server", "redis-cli")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), "redis-server", "-")
	server.Dir = t.TempDir()
	server.Stdin = strings.NewReader("bind 127.0.0.1\nport " + port + "\nrequirepass " + redisPassword + "\nsave \"\"\nappendonly no\n")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	redis := redisServer{port}
	ready := time.Now().Add(30 * time.Second)
	for redis.cli(t, "PING") != "PONG" {
		if time.Now().After(ready) {
			t.Fatal("redis-server does not answer")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return redis
}

func (r redisServer) cli(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "redis-cli", append([]string{"-h", "127.0.0.1", "-p", r.port}, args...)...)
	command.Env = append(os.Environ(), "REDISCLI_AUTH="+redisPassword)
	printed, _ := command.Output()
	return strings.TrimSpace(string(printed))
}

func redisOfWxJava(t *testing.T, wechat *lab) {
	redis := newRedis(t)
	setting := func(prefix string) string {
		return fmt.Sprintf("TF_VAR_redis={host=%q,port=%s,component=%q%s}", "127.0.0.1", redis.port, wechat.Component().AppID, prefix)
	}
	key := "wechat_authorizer_access_token:" + wechat.Component().AppID + ":" + teaShop
	redis.cli(t, "SETEX", "wx:open:"+key, "7000", wechat.Token(teaShop))
	redis.cli(t, "-n", "3", "SETEX", key, "7000", wechat.Token(teaShop))
	configuration := readExample(t, "guides/redis/wxjava/main.tf")
	password := "REDISCLI_AUTH=" + redisPassword
	place := watched(t, configuration, baseURL(wechat), setting(""), password)
	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
	expectOutputs(t, place, map[string]any{"shop": teaOpen})

	place.Environ = append(place.Environ, setting(`,prefix="",database=3`))
	results = append(results, expectExit(t, place, 0, "plan"))
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})

	// What the page looks for keys with finds the prefix, and shows no token.
	look := shellBlock.FindStringSubmatch(under(t, "redis", "WxJava"))[1]
	if got := paste(t, place, strings.Replace(look, "-p 6379", "-p "+redis.port, 1)).Stdout; got != "wx:open:"+key+"\n" {
		t.Errorf("%s printed %q", look, got)
	}

	place.Environ = append(place.Environ, setting(`,prefix=""`)) // in another database
	absent := expectExit(t, place, 1, "plan")
	// The way Redisson's Kryo packs a text: its last character has the highest bit set.
	packed := []byte("\x03" + wechat.Token(teaShop))
	packed[len(packed)-1] |= 0x80
	redis.cli(t, "SET", "packed:"+key, string(packed))
	place.Environ = append(place.Environ, setting(`,prefix="packed:"`))
	coded := expectExit(t, place, 1, "plan")
	place.Environ = append(place.Environ, setting(`,prefix="",database=3`), "REDISCLI_AUTH=wrong")
	refused := expectExit(t, place, 1, "plan")
	write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(configuration, `"-e",`, "", 1))
	unmarked := expectExit(t, place, 1, "plan")
	expectQuoted(t, "redis", absent.Stderr+coded.Stderr+refused.Stderr+unmarked.Stderr)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectNoSecret(t, place, append(results, absent, coded, refused, unmarked), []string{redisPassword, wechat.Token(teaShop)})
}

func redisOfSilenceper(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	redis := newRedis(t)
	place := watched(t, readExample(t, "guides/redis/silenceper/main.tf"), baseURL(wechat),
		fmt.Sprintf("TF_VAR_redis={host=%q,port=%s}", "127.0.0.1", redis.port), "TF_VAR_redis_password="+redisPassword)
	var results []engine.Result
	for _, value := range []string{wechat.Token(teaShop), strconv.Quote(wechat.Token(teaShop))} {
		redis.cli(t, "SETEX", "authorizer_access_token_"+teaShop, "7000", value)
		results = append(results, expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin"))
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
	}
	// An empty text, which versions before 2.1.3 may keep for more than an hour, and no text at all.
	redis.cli(t, "SET", "authorizer_access_token_"+teaShop, `""`)
	empty := expectExit(t, place, 1, "plan")
	redis.cli(t, "DEL", "authorizer_access_token_"+teaShop)
	absent := expectExit(t, place, 1, "plan")
	expectWords(t, empty.Stderr, "what the program printed is empty")
	expectWords(t, absent.Stderr, "what the program printed is empty")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectNoSecret(t, place, append(results, empty, absent), []string{redisPassword, wechat.Token(teaShop)})
}
