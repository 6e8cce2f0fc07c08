package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"drover/models"
	"drover/views/route"
)

// OIDC says which identity provider people sign in at, and as what Drover
// goes to it.
type OIDC struct {
	Issuer       string // its URL, as in the tokens
	ClientID     string
	ClientSecret string
	Scopes       []string
	GroupsClaim  string // name of the claim with the groups; dots lead into objects
	Client       *http.Client
}

const (
	// askAgain is how long a provider that did not answer is left alone.
	askAgain = 5 * time.Second
	// metadataLasts is how long what a provider says of itself is believed.
	metadataLasts = time.Hour
	// providerPatience is how long one exchange with a provider may take.
	providerPatience = 10 * time.Second
)

// issuer is the identity provider. It is asked about itself when it is needed
// first, and again after a while: that it is away stops nothing but sign-ins.
type issuer struct {
	OIDC
	redirect string // where it sends people back to

	guard    sync.Mutex
	provider *oidc.Provider
	asked    time.Time
	failed   error
}

func newIssuer(o OIDC, base route.Base) *issuer {
	return &issuer{OIDC: o, redirect: base.Absolute(route.SignInBack())}
}

// host names the provider for people.
func (i *issuer) host() string {
	u, err := url.Parse(i.Issuer)
	if err != nil || u.Host == "" {
		return i.Issuer
	}
	return u.Host
}

// awayError says that the provider does not answer.
type awayError struct{ err error }

func (e awayError) Error() string { return "the identity provider does not answer: " + e.err.Error() }
func (e awayError) Unwrap() error { return e.err }

// discover asks the provider about itself, unless it is known already.
func (i *issuer) discover(ctx context.Context) (*oidc.Provider, error) {
	i.guard.Lock()
	defer i.guard.Unlock()
	age := time.Since(i.asked)
	if i.provider != nil && age < metadataLasts {
		return i.provider, nil
	}
	if i.failed != nil && age < askAgain {
		return i.provider, i.away()
	}
	ctx, cancel := context.WithTimeout(i.outside(ctx), providerPatience)
	defer cancel()
	found, err := oidc.NewProvider(ctx, i.Issuer)
	i.asked, i.failed = time.Now(), err
	if err == nil {
		i.provider = found
	}
	return i.provider, i.away()
}

// away is why nothing is known of the provider; what it said an hour ago is
// good enough while it is away.
func (i *issuer) away() error {
	if i.provider != nil || i.failed == nil {
		return nil
	}
	return awayError{i.failed}
}

func (i *issuer) outside(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, i.Client)
}

func (i *issuer) config(p *oidc.Provider) oauth2.Config {
	return oauth2.Config{
		ClientID: i.ClientID, ClientSecret: i.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: i.redirect, Scopes: i.Scopes,
	}
}

// arrived is what a provider said of somebody, with the token that says so.
type arrived struct {
	models.Arrival
	hint string
}

// refusedError is a sign-in that did not hold, in words for people.
type refusedError struct{ why string }

func (e refusedError) Error() string { return e.why }

// exchange turns the code of a sign-in into who it is. verifier and nonce are
// those of the attempt that this browser began.
func (i *issuer) exchange(ctx context.Context, code, verifier, nonce string) (arrived, error) {
	p, err := i.discover(ctx)
	if err != nil {
		return arrived{}, err
	}
	ctx, cancel := context.WithTimeout(i.outside(ctx), providerPatience)
	defer cancel()
	config := i.config(p)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var denied *oauth2.RetrieveError
	switch {
	case errors.As(err, &denied) && denied.Response.StatusCode < 500:
		return arrived{}, refusedError{"the identity provider does not take the code back: it was used already, or it is too old"}
	case err != nil:
		return arrived{}, awayError{err}
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return arrived{}, refusedError{"the identity provider gave no identity token"}
	}
	said, err := p.Verifier(&oidc.Config{ClientID: i.ClientID}).Verify(ctx, raw)
	if err != nil {
		return arrived{}, fmt.Errorf("%w (%w)", refusedError{"the identity token does not hold"}, err)
	}
	if nonce == "" || !same(said.Nonce, nonce) {
		return arrived{}, refusedError{"the identity token was made for another sign-in"}
	}
	if said.AccessTokenHash != "" {
		if err := said.VerifyAccessToken(token.AccessToken); err != nil {
			return arrived{}, fmt.Errorf("%w (%w)", refusedError{"the identity token belongs to another access token"}, err)
		}
	}
	claims, err := i.claims(ctx, p, said, token)
	if err != nil {
		return arrived{}, err
	}
	return arrived{i.arrivalOf(said.Subject, claims), raw}, nil
}

// claims are those of the identity token, and of the page about the user where
// the provider has one: many put names and groups there alone.
func (i *issuer) claims(ctx context.Context, p *oidc.Provider, said *oidc.IDToken, token *oauth2.Token) (map[string]any, error) {
	claims := map[string]any{}
	if err := said.Claims(&claims); err != nil {
		return nil, fmt.Errorf("read the identity token: %w", err)
	}
	if p.UserInfoEndpoint() == "" {
		return claims, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, awayError{err}
	}
	if info.Subject != said.Subject {
		return nil, refusedError{"the identity provider speaks of two different people"}
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return nil, fmt.Errorf("read what the identity provider says of the user: %w", err)
	}
	for name, value := range more {
		claims[name] = value
	}
	return claims, nil
}

// mostGroups and longestGroup bound what a provider says of one person.
const (
	mostGroups   = 500
	longestGroup = 200
)

// arrivalOf reads the claims. Mail addresses count when they are verified.
func (i *issuer) arrivalOf(subject string, claims map[string]any) models.Arrival {
	a := models.Arrival{Issuer: i.Issuer, Subject: subject, Groups: groupsIn(claims, i.GroupsClaim)}
	email, _ := claims["email"].(string)
	switch verified := claims["email_verified"].(type) {
	case bool:
		if verified {
			a.Email = plain(email)
		}
	case string: // some providers quote it
		if verified == "true" {
			a.Email = plain(email)
		}
	}
	for _, claim := range []string{"name", "preferred_username", "nickname"} {
		if text, _ := claims[claim].(string); a.Name == "" {
			a.Name = plain(text)
		}
	}
	if a.Name == "" {
		a.Name, _, _ = strings.Cut(a.Email, "@")
	}
	if a.Name == "" {
		a.Name = "Somebody " + plain(subject)
	}
	return a
}

// plain is one line of text of a stranger, of a length that pages can show.
func plain(text string) string {
	if !storable(text) {
		return ""
	}
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > longestGroup {
		text = string(letters[:longestGroup])
	}
	return text
}

// groupsIn finds the groups: a list, or words in one text. Nothing is a group
// that could be mistaken for two.
func groupsIn(claims map[string]any, claim string) []string {
	var value any = claims
	if direct, ok := claims[claim]; ok { // names of claims may have dots, as URLs do
		value = direct
	} else {
		for name := range strings.SplitSeq(claim, ".") {
			object, ok := value.(map[string]any)
			if !ok {
				return nil
			}
			value = object[name]
		}
	}
	var groups []string
	add := func(text string) {
		if group := plain(text); group != "" && group == text && len(groups) < mostGroups {
			groups = append(groups, group)
		}
	}
	switch value := value.(type) {
	case string:
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
			add(word)
		}
	case []any:
		for _, one := range value {
			if text, ok := one.(string); ok {
				add(text)
			}
		}
	}
	return groups
}

// signOutAt is where the provider ends its own session; "" if it does not say.
func (i *issuer) signOutAt(ctx context.Context, hint, back string) string {
	p, err := i.discover(ctx)
	if err != nil {
		return ""
	}
	var said struct {
		End string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&said); err != nil || said.End == "" {
		return ""
	}
	u, err := url.Parse(said.End)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	query := u.Query()
	query.Set("client_id", i.ClientID)
	query.Set("post_logout_redirect_uri", back)
	if hint != "" {
		query.Set("id_token_hint", hint)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
