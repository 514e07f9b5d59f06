package token

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// ComponentAPI is the part of WeChat that tokens are minted with; [*wechat.Client] is it.
type ComponentAPI interface {
	ComponentToken(ctx context.Context, componentAppID, appSecret, verifyTicket string) (wechat.Issued, error)
	AuthorizerToken(ctx context.Context, componentToken, componentAppID, appid, refreshToken string) (wechat.Issued, error)
	RefreshToken(ctx context.Context, componentToken, componentAppID, appid string) (string, error)
	ListedRefreshTokens(ctx context.Context, componentToken, componentAppID string) (map[string]string, error)
}

// ComponentConfig is a third-party platform with what it mints tokens from.
type ComponentConfig struct {
	AppID string
	// Mint allows to make access tokens; without it there is only the AccessToken.
	Mint bool
	// AccessToken is the component's own access token; "" to mint one from AppSecret and VerifyTicket.
	AccessToken             string
	AppSecret, VerifyTicket string
	// RefreshTokens are authorizers' refresh tokens, as far as they are known.
	RefreshTokens map[string]string
}

// ComponentError is WeChat's refusal of something that minting needs.
type ComponentError struct {
	// Step says what was asked for.
	Step    ComponentStep
	Refusal *wechat.Error
	// Rejected is set where it was the component's own access token that WeChat refused.
	Rejected *RejectedError
}

// ComponentStep is what a component's own access token is used for.
type ComponentStep string

// The steps of minting an authorizer's access token.
const (
	StepComponentToken  ComponentStep = "the component's own access token"
	StepRefreshToken    ComponentStep = "the account's refresh token"
	StepAuthorizerToken ComponentStep = "an access token of the account"
)

// The other things that a component's own access token is used for.
const (
	StepAuthorizer  ComponentStep = "what WeChat tells of the account"
	StepAuthorizers ComponentStep = "the list of authorizers"
)

// Error implements error.
func (e *ComponentError) Error() string {
	return fmt.Sprintf("getting %s: %s", e.Step, e.Refusal)
}

// Unwrap gives WeChat's refusal.
func (e *ComponentError) Unwrap() error { return e.Refusal }

// Component mints access tokens of authorizers. Each token it mints ends the one that the account's other users hold.
type Component struct {
	description Description
	config      ComponentConfig
	api         ComponentAPI
	own         *Memory // the component's own access token

	mutex   sync.Mutex
	refresh map[string]string
	// failed is how making a token failed, by account, and under "" for the component's own. It is not tried again: either
	// WeChat's answer stands, or it is in doubt whether a token was made, and another would end that one.
	failed map[string]error
	// listed are the refresh tokens of WeChat's list, once it was read.
	listed  map[string]string
	listing singleflight.Group
}

// NewComponent returns the source that mints tokens as a third-party platform does.
func NewComponent(setting string, config ComponentConfig, api ComponentAPI) *Component {
	component := &Component{
		description: Description{Setting: setting, PerAppID: true},
		config:      config,
		api:         api,
		refresh:     map[string]string{},
		failed:      map[string]error{},
	}
	for appid, refreshToken := range config.RefreshTokens {
		component.refresh[appid] = refreshToken
	}
	component.own = NewMemory(&ownToken{component}, nil)
	return component
}

// Describe implements [Source].
func (c *Component) Describe() Description { return c.description }

// AppID is the component's own appid.
func (c *Component) AppID() string { return c.config.AppID }

// AccessToken is the component's own access token where there is one already. It never mints.
func (c *Component) AccessToken() (string, bool) {
	if c.config.AccessToken != "" {
		return c.config.AccessToken, true
	}
	lease, remembered := c.own.Remembered("")
	return lease.Value, remembered
}

// Fetch implements [Source]: it mints.
func (c *Component) Fetch(ctx context.Context, request Request) (Token, error) {
	tried := map[string]bool{}
	var refused *ComponentError
	for _, find := range []func(context.Context, string) (string, error){c.knownRefreshToken, c.toldRefreshToken, c.listedRefreshToken} {
		refreshToken, err := find(ctx, request.AppID)
		if err != nil {
			return Token{}, err
		}
		if refreshToken == "" || tried[refreshToken] {
			continue
		}
		tried[refreshToken] = true
		issued, err := UseOwn(ctx, c, StepAuthorizerToken, func(ctx context.Context, own string) (Token, error) {
			return c.mint(ctx, request.AppID, func(ctx context.Context) (wechat.Issued, error) {
				return c.api.AuthorizerToken(ctx, own, c.config.AppID, request.AppID, refreshToken)
			})
		})
		if !errors.As(err, &refused) || refused.Refusal.Code != wechat.CodeInvalidRefresh {
			return issued, err
		}
		// The one at hand is not the account's any more; WeChat may know the one that is.
	}
	if refused != nil {
		return Token{}, refused
	}
	return Token{}, &Error{
		Source: c.description, AppID: request.AppID,
		Problem: "WeChat tells no refresh token of this account, because the platform never exchanged the authorization code for it",
		Advice: "Have the account's owner change the granted permission sets, so that WeChat pushes a new code, and let the platform exchange it; " +
			"or give the refresh token in component.refresh_tokens.",
	}
}

// mint makes a token, and keeps the refresh token that comes with it. The client does not give a call up that is under way.
func (c *Component) mint(ctx context.Context, appid string, ask func(context.Context) (wechat.Issued, error)) (Token, error) {
	c.mutex.Lock()
	failed := c.failed[appid]
	c.mutex.Unlock()
	switch {
	case failed != nil:
		return Token{}, failed
	case ctx.Err() != nil:
		return Token{}, ctx.Err()
	}
	begun := time.Now()
	issued, err := ask(ctx)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var refusal *wechat.Error
	// A refused component token or refresh token made nothing, and may be followed by another.
	mendable := appid != "" && errors.As(err, &refusal) && (refusal.TokenRejected() || refusal.Code == wechat.CodeInvalidRefresh)
	if errors.As(err, &refusal) && !mendable {
		c.failed[appid] = err
	}
	if issued.RefreshToken != "" && err == nil {
		c.refresh[appid] = issued.RefreshToken
	}
	return Token{Value: issued.Value, Expires: begun.Add(issued.Life)}, err
}

func (c *Component) knownRefreshToken(_ context.Context, appid string) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.refresh[appid], nil
}

func (c *Component) toldRefreshToken(ctx context.Context, appid string) (string, error) {
	return UseOwn(ctx, c, StepRefreshToken, func(ctx context.Context, own string) (string, error) {
		return c.api.RefreshToken(ctx, own, c.config.AppID, appid)
	})
}

func (c *Component) listedRefreshToken(ctx context.Context, appid string) (string, error) {
	c.mutex.Lock()
	listed := c.listed
	c.mutex.Unlock()
	if listed != nil {
		return listed[appid], nil
	}
	// The whole list, once for all accounts. Who began it and leaves does not take the others along.
	asked := c.listing.DoChan("", func() (any, error) {
		listed, err := UseOwn(context.WithoutCancel(ctx), c, StepRefreshToken, func(ctx context.Context, own string) (map[string]string, error) {
			return c.api.ListedRefreshTokens(ctx, own, c.config.AppID)
		})
		if err == nil {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.listed = listed
		}
		return listed[appid], err
	})
	select {
	case answered := <-asked:
		if answered.Err != nil {
			return "", answered.Err
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		return c.listed[appid], nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// UseOwn asks with the component's own access token. A refusal comes back as a [*ComponentError].
func UseOwn[T any](ctx context.Context, c *Component, step ComponentStep, ask func(ctx context.Context, own string) (T, error)) (T, error) {
	answer, err := Use(ctx, c.own, "", ask)
	var refusal *wechat.Error
	var rejected *RejectedError
	var already *ComponentError
	if errors.As(err, &already) || !errors.As(err, &refusal) {
		return answer, err
	}
	errors.As(err, &rejected)
	return answer, &ComponentError{step, refusal, rejected}
}

// Refused says of an error of WeChat's which step it is about, and whether it was the component's own access token that was
// refused.
func (c *Component) Refused(step ComponentStep, err error) error {
	var refusal *wechat.Error
	if !errors.As(err, &refusal) {
		return err
	}
	refused := &ComponentError{Step: step, Refusal: refusal}
	if refusal.TokenRejected() {
		refused.Rejected = &RejectedError{Source: c.own.Describe(), Refusal: refusal}
	}
	return refused
}

// ownToken is the source of the component's own access token.
type ownToken struct{ of *Component }

func (o *ownToken) Describe() Description {
	if o.of.config.AccessToken != "" {
		return Description{Setting: o.of.description.Setting + ".access_token", Static: true}
	}
	return Description{Setting: o.of.description.Setting}
}

func (o *ownToken) Fetch(ctx context.Context, request Request) (Token, error) {
	config := o.of.config
	switch {
	case config.AccessToken != "":
		return Static(o.Describe().Setting, config.AccessToken).Fetch(ctx, request)
	case !config.Mint:
		return Token{}, &Error{
			Source:     o.Describe(),
			Problem:    "no component access token is given, and without mint_tokens = true none is made",
			Advice:     "Give component.access_token, or WECHAT_COMPONENT_ACCESS_TOKEN: the one that whatever runs the platform uses now.",
			Everybodys: true,
		}
	case config.AppSecret == "" || config.VerifyTicket == "":
		return Token{}, &Error{
			Source:     o.Describe(),
			Problem:    "the component has neither an access_token nor both an appsecret and a verify_ticket to mint one from",
			Advice:     "Give component.access_token; or component.appsecret and component.verify_ticket.",
			Everybodys: true,
		}
	}
	issued, err := o.of.mint(ctx, "", func(ctx context.Context) (wechat.Issued, error) {
		return o.of.api.ComponentToken(ctx, config.AppID, config.AppSecret, config.VerifyTicket)
	})
	var refusal *wechat.Error
	if errors.As(err, &refusal) {
		return Token{}, &ComponentError{Step: StepComponentToken, Refusal: refusal}
	}
	return issued, err
}
