// Command silenceper is the token service of a third-party platform, built on the SDK silenceper/wechat. The tests of
// the provider run it against the simulator.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/openplatform"
	"github.com/silenceper/wechat/v2/openplatform/config"
	"github.com/silenceper/wechat/v2/util"
)

// service answers WeChat's pushes at /events, and the tests elsewhere.
type service struct{ platform *openplatform.OpenPlatform }

func main() {
	util.SetURIModifier(func(uri string) string {
		return strings.Replace(uri, "https://api.weixin.qq.com", os.Getenv("SIMULATOR"), 1)
	})
	kept := cache.Cache(cache.NewMemory())
	if address := os.Getenv("REDIS_ADDRESS"); address != "" {
		options := cache.RedisOpts{Host: address, Password: os.Getenv("REDIS_PASSWORD")}
		kept = cache.NewRedis(context.Background(), &options)
	}
	s := service{wechat.NewWechat().GetOpenPlatform(&config.Config{
		AppID:          os.Getenv("COMPONENT_APPID"),
		AppSecret:      os.Getenv("COMPONENT_APPSECRET"),
		Token:          os.Getenv("PUSH_TOKEN"),
		EncodingAESKey: os.Getenv("PUSH_KEY"),
		Cache:          kept,
	})}
	http.HandleFunc("POST /events", s.events)
	http.HandleFunc("GET /pre-auth-code", answer(func(*http.Request) (any, error) { return s.platform.GetPreCode() }))
	http.HandleFunc("GET /token", answer(func(r *http.Request) (any, error) {
		return s.platform.GetAuthrAccessToken(r.URL.Query().Get("appid"))
	}))
	http.HandleFunc("GET /info", answer(func(r *http.Request) (any, error) {
		account, granted, err := s.platform.GetAuthrInfo(r.URL.Query().Get("appid"))
		if err != nil {
			return nil, err
		}
		sets := []int{}
		for _, set := range granted.FuncInfo {
			sets = append(sets, set.FuncscopeCategory.ID)
		}
		return map[string]any{"nick_name": account.NickName, "permission_sets": sets}, nil
	}))
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal((&http.Server{ReadHeaderTimeout: 10 * time.Second}).Serve(listener))
}

// events does with WeChat's pushes what the SDK's documentation says.
func (s service) events(w http.ResponseWriter, r *http.Request) {
	failed := errors.New("the event was not handled")
	server := s.platform.GetServer(r, w)
	server.SetMessageHandler(func(event *message.MixMessage) *message.Reply {
		switch event.InfoType {
		case message.InfoTypeVerifyTicket:
			_, failed = s.platform.SetComponentAccessToken(r.Context(), event.ComponentVerifyTicket)
		case message.InfoTypeAuthorized:
			failed = s.authorized(event.AuthorizationCode)
		}
		return nil
	})
	if err := server.Serve(); err != nil {
		failed = err
	}
	if failed != nil {
		http.Error(w, failed.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write([]byte("success"))
}

// authorized exchanges the code, and fetches the token that the SDK then keeps.
func (s service) authorized(code string) error {
	granted, err := s.platform.QueryAuthCode(code)
	if err != nil {
		return err
	}
	_, err = s.platform.RefreshAuthrToken(granted.Appid, granted.RefreshToken)
	return err
}

func answer(get func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := get(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"value": value})
	}
}
