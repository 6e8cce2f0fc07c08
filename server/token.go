package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"drover/models"
	"drover/rules/permission"
)

// tokenHead begins every token of a person, so that a scanner for secrets, and
// whoever finds one, sees what it is.
const tokenHead = "drover_"

// newToken makes a token of 32 random bytes, and the hash that is stored. So
// many bytes cannot be guessed, so the hash needs no salt and no work.
func newToken() (token, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	token = tokenHead + hex.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// personalToken is the token of a person that a program shows.
func personalToken(r *http.Request) (token string, shown bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(token, tokenHead)
}

// tokensWork tells whether tokens of people open anything: where people sign
// in, which personas do in development.
func (s *site) tokensWork() bool { return s.issuer != nil || s.tokenWorks() && s.developing() }

// badToken answers a program whose token opens nothing: it must not take what
// visitors see for all there is.
var badToken = failure{
	status: http.StatusUnauthorized, title: "The token is not good", challenge: true,
	text: "It is over, was ended, or never was one. Its person makes another one under Settings.",
}

// holder is the person of a token, bounded by its scopes.
func (s *site) holder(ctx context.Context, token string) (person, error) {
	if !s.tokensWork() {
		return person{}, badToken
	}
	t, user, err := s.Store.With(ctx).Token(hashOf(token))
	if errors.Is(err, models.ErrNotFound) {
		return person{}, badToken
	}
	if err != nil {
		return person{}, err
	}
	p, err := s.withRoles(ctx, user)
	if err != nil {
		return person{}, err
	}
	p.token, p.tokenName, p.facts.Scoped = t.ID, t.Name, true
	for _, name := range models.Lines(t.Scopes) {
		p.facts.Scopes = append(p.facts.Scopes, permission.Scope(name))
	}
	if t.IsStale(s.Store.Clock()) {
		err = s.Store.Tx(ctx, func(tx *models.Tx) error { return tx.TouchToken(t.ID) })
	}
	return p, err
}
