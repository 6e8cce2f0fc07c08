package server

import (
	"cmp"
	"errors"
	"net/http"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
)

// sessionsShown bounds the sessions of one person on their page.
const sessionsShown = 100

// account is who is signed in, for themselves; nil for visitors and the token.
func (v *visit) account() (*page.Account, error) {
	if v.by.user == 0 {
		return nil, nil
	}
	a := page.Account{Name: v.by.name, Email: v.by.email, Groups: v.by.facts.Groups}
	for _, r := range v.by.facts.Roles {
		a.Roles = append(a.Roles, r.String())
	}
	for _, g := range v.by.grants {
		if g.Role != permission.Owner.String() {
			continue
		}
		name, at, err := v.objectOf(g)
		if errors.Is(err, models.ErrNotFound) {
			continue // a test that runs only where this person may not read
		}
		if err != nil {
			return nil, err
		}
		a.Owns = append(a.Owns, page.Owned{Kind: g.ObjectKind, Name: name, Page: at})
	}
	sessions, err := v.q.SessionsOf(v.by.user, sessionsShown)
	for _, s := range sessions {
		a.Sessions = append(a.Sessions, page.Session{
			ID: s.ID, Browser: cmp.Or(s.Browser, "a browser without a name"), Since: s.CreatedAt, Seen: s.SeenAt, Until: s.ExpiresAt, This: s.ID == v.by.session,
		})
	}
	if err != nil {
		return nil, err
	}
	tokens, err := v.q.TokensOf(v.by.user, tokensMost)
	for _, t := range tokens {
		a.Tokens = append(a.Tokens, tokenRow(t))
	}
	return &a, err
}

// endSession ends one of one's own sessions.
func endSession(v *visit) error {
	fields, err := v.fields("session")
	if err != nil {
		return err
	}
	number, err := id.Parse(fields["session"])
	if err != nil {
		return notFound("No such session", "It is over already, or it is not yours.")
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := tx.EndSession(v.by.user, number); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "ended a session", ObjectKind: "user", ObjectID: v.by.user})
	})
	if err != nil {
		return orMissing(err, "No such session", "It is over already, or it is not yours.")
	}
	if number == v.by.session {
		v.dropCookie(sessionCookie(v.request))
		return v.redirect(http.StatusSeeOther, route.Home())
	}
	return v.done("ended", route.Me())
}
