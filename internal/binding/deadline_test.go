package binding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// TestDeadlineOfAFleet has the time of a read end while some accounts are answered, some are under way, and most have
// not had their turn: what was heard stays, and each of the others says how far it came.
func TestDeadlineOfAFleet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const concurrent, limit = 1, 5 * time.Second
		busy := map[string]bool{}
		_, reader, appids := staged(t, 40, func(handler http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var asked struct{ AppID string }
				_ = json.NewDecoder(r.Body).Decode(&asked)
				switch number := numberOf(asked.AppID); {
				case number == 0:
					_, _ = fmt.Fprint(w, `{"open_appid":"wx2","errcode":0,"errmsg":"ok"}`)
				case number == 1:
					_, _ = fmt.Fprint(w, `{"errcode":61003,"errmsg":"component is not authorized by this account"}`)
				case number == 2 && !busy[asked.AppID]:
					busy[asked.AppID] = true
					_, _ = fmt.Fprint(w, `{"errcode":-1,"errmsg":"system error"}`)
				default:
					<-r.Context().Done()
				}
			})
		})
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		reader.concurrent = concurrent
		begun := time.Now()
		results, err := reader.OpenAccounts(ctx, appids, nil)
		if err != nil || len(results) != len(appids) || time.Since(begun) != limit {
			t.Fatalf("%d results, %v, after %s", len(results), err, time.Since(begun))
		}
		for number, result := range results {
			if result.AppID != appids[number] {
				t.Errorf("result %d is of %s", number, result.AppID)
			}
			var refused *wechat.Error
			errors.As(result.Err, &refused)
			good := false
			switch {
			case number == 0:
				good = result.Err == nil && result.Value.AppID == "wx2"
			case number == 1:
				good = refused != nil && refused.Code == wechat.CodeComponentNotAuthorized
			case number == 2: // WeChat's last word, and not the silence after it
				good = refused != nil && refused.Code == wechat.CodeSystemBusy && refused.OutOfTime
			case number < 2+concurrent*readersPerSlot:
				good = refused != nil && refused.Failure != nil && refused.Failure.Timeout()
			default:
				good = errors.Is(result.Err, ErrNotBegun)
			}
			if !good {
				t.Errorf("account %d: got %+v, %v", number, result.Value, result.Err)
			}
		}
	})
}

// numberOf is which of the accounts that [staged] made this is.
func numberOf(appid string) (number int) {
	_, _ = fmt.Sscanf(appid, "wx%x", &number)
	return number - 0x4000
}

// TestAnswerAtTheDeadline has the answer come in the moment in which time is over: it is not thrown away.
func TestAnswerAtTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader := NewReader(lastMoment{}, token.NewCache(token.PerAppID("access_tokens", map[string]string{"wx1": "61_x", "wx2": "61_y"})), 8, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		results, err := reader.OpenAccounts(ctx, []string{"wx1", "wx2"}, nil)
		if err != nil || len(results) != 2 || results[0].Value.AppID != "wx9" || results[1].Value.AppID != "wx9" {
			t.Errorf("got %+v, %v", results, err)
		}
	})
}

// lastMoment answers when the time of who asks is over.
type lastMoment struct{ noStatus }

func (lastMoment) OpenGet(ctx context.Context, _ wechat.Token, _ string) (wechat.OpenAccount, error) {
	<-ctx.Done()
	return wechat.OpenAccount{AppID: "wx9"}, nil
}

// TestDeadlineAmongSharedFailures has time end before five accounts have failed alike: nothing is held to be
// everybody's that was not met by all.
func TestDeadlineAmongSharedFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, reader, appids := staged(t, 4, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var asked struct{ AppID string }
				_ = json.NewDecoder(r.Body).Decode(&asked)
				if numberOf(asked.AppID) == 3 {
					<-r.Context().Done()
				}
				_, _ = fmt.Fprint(w, `{"errcode":61004,"errmsg":"access clientip is not registered"}`)
			})
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		results, err := reader.OpenAccounts(ctx, appids, nil)
		if err != nil || len(results) != 4 {
			t.Errorf("%d results, %v", len(results), err)
		}
	})
}
