package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
)

// person is who asks.
type person struct {
	name    string
	user    id.ID // 0 for the token and for visitors
	session id.ID // 0 without one in the store
	email   string
	// token is what a program of this person shows, 0 in a browser.
	token     id.ID
	tokenName string
	// withToken says that the token of the start opened this session.
	withToken bool
	facts     permission.Facts
	grants    []models.Grant
}

// reader is this person as the store filters for them.
func (p person) reader() models.Reader {
	r := models.Reader{Groups: p.facts.Groups, All: slices.Contains(p.facts.Roles, permission.Admin)}
	for _, g := range p.grants {
		if g.ObjectKind == models.KindTree && g.Role == permission.Owner.String() {
			r.Owns = append(r.Owns, g.ObjectID)
		}
	}
	return r
}

const (
	// sessionLasts is the longest that a browser stays signed in.
	sessionLasts = 30 * 24 * time.Hour
	// attemptLasts is the longest that somebody may take at their identity
	// provider.
	attemptLasts = 10 * time.Minute
	browserMost  = 200 // of the name of a browser, in bytes
)

// Keys of what a session holds.
const (
	keyUser     = "user" // text of an id
	keyState    = "state"
	keyNonce    = "nonce"
	keyVerifier = "verifier"
	keyNext     = "next"
	keyHint     = "hint"  // the identity token, for the sign-out at the provider
	keyToken    = "token" // what stands for the token of the start
)

// newSessions makes the sessions of a site, which are kept in its store.
func newSessions(store *models.Store) *scs.SessionManager {
	// Not scs.New, which starts a store in memory that never ends.
	return &scs.SessionManager{
		Store: sessionStore{store}, Lifetime: sessionLasts, Codec: scs.GobCodec{},
		HashTokenInStore: true, // who reads the database cannot take a session over
	}
}

// heldKey is where a context has the place for what a session's row says.
type heldKey struct{}

// held is what a session's row says beside its data.
type held struct {
	session models.Session
	user    models.User
	browser string
}

func heldBy(ctx context.Context) *held {
	h, ok := ctx.Value(heldKey{}).(*held)
	if !ok {
		return &held{}
	}
	return h
}

// sessionStore keeps sessions in the database.
type sessionStore struct{ store *models.Store }

// FindCtx reads the data of a session.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	session, user, err := s.store.With(ctx).Session(token)
	if errors.Is(err, models.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	h := heldBy(ctx)
	h.session, h.user = session, user
	return session.Data, true, nil
}

// CommitCtx stores a session; whose it is stands in the context.
func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	h := heldBy(ctx)
	return s.store.Tx(ctx, func(tx *models.Tx) error {
		return tx.SaveSession(models.Session{Token: token, UserID: h.user.ID, Data: data, Browser: h.browser, ExpiresAt: expires})
	})
}

// DeleteCtx ends a session. That it is gone already is no error for whoever
// signs out, but is one for whoever comes back from a provider: see take.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Tx(ctx, func(tx *models.Tx) error {
		_, err := tx.DropSession(token)
		return err
	})
}

// Find, Commit and Delete are for stores that know no context.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s sessionStore) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete is DeleteCtx without a context.
func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// unasked are the routes that do not ask who it is: machines and files.
func unasked(pattern string) bool { return quiet[pattern] && pattern != streams }

// personOf finds out who sends a request, once: the error page of a request
// is for the same person.
func (s *site) personOf(c echo.Context) (person, error) {
	n := noteOf(c)
	if n.by != nil || unasked(n.pattern) {
		if n.by == nil {
			return person{}, nil
		}
		return *n.by, nil
	}
	p, err := s.findPerson(c)
	n.by = &p // whoever cannot be found out is a visitor on the page that says so
	return p, err
}

func (s *site) findPerson(c echo.Context) (person, error) {
	r := c.Request()
	if token, shown := personalToken(r); shown {
		return s.holder(r.Context(), token)
	}
	if s.holdsToken(r) {
		name := "a browser with the token"
		if r.Header.Get("Authorization") != "" {
			name = "a program with the token"
		}
		return person{name: name, facts: permission.Facts{SignedIn: true, Roles: []permission.Role{permission.Admin}}}, nil
	}
	cookie, err := r.Cookie(sessionCookie(r))
	if err != nil || !s.canSignIn() || r.Header.Get("Authorization") != "" {
		return person{}, nil
	}
	ctx, err := s.loadSession(r.Context(), r, cookie.Value)
	if err != nil {
		return person{}, err
	}
	h := heldBy(ctx)
	if h.session.UserID == 0 || s.sessions.GetString(ctx, keyUser) != h.session.UserID.String() {
		return person{}, nil
	}
	token := s.sessions.GetString(ctx, keyToken)
	if good := s.tokenWorks() && same(token, s.session()); !good && (token != "" || s.issuer == nil) {
		return person{}, nil // it came with a token that is no longer good, or from a provider that is not ours any more
	}
	p, err := s.known(ctx, h)
	p.withToken = token != ""
	return p, err
}

// loadSession makes a context with the session of a cookie, a new one if it
// has none.
func (s *site) loadSession(ctx context.Context, r *http.Request, cookie string) (context.Context, error) {
	browser := r.UserAgent()
	if !storable(browser) {
		browser = ""
	}
	ctx = context.WithValue(ctx, heldKey{}, &held{browser: browser[:min(len(browser), browserMost)]})
	return s.sessions.Load(ctx, cookie)
}

// known is the person of a session.
func (s *site) known(ctx context.Context, h *held) (person, error) {
	p, err := s.withRoles(ctx, h.user)
	if err != nil {
		return person{}, err
	}
	p.session = h.session.ID
	if h.session.IsStale(s.Store.Clock()) {
		err = s.Store.Tx(ctx, func(tx *models.Tx) error { return tx.TouchSession(h.session.ID) })
	}
	return p, err
}

// withRoles is a person with their roles: those given here, and those that come
// with a group.
func (s *site) withRoles(ctx context.Context, u models.User) (person, error) {
	p := person{name: u.Name, user: u.ID, email: u.Email}
	p.facts = permission.Facts{SignedIn: true, Groups: u.Groups()}
	var err error
	if p.grants, err = s.Store.With(ctx).GrantsOf(u.ID); err != nil {
		return person{}, err
	}
	for _, g := range p.grants {
		if role, ok := permission.RoleNamed(g.Role); ok && g.ObjectKind == "" {
			p.facts.Roles = append(p.facts.Roles, role)
		}
	}
	for _, group := range p.facts.Groups {
		p.facts.Roles = append(p.facts.Roles, s.Settings.GroupRoles[group]...)
	}
	return p, nil
}

// begin keeps values in a new session of this browser under a new token, and
// gives it the cookie. The old session is over: who knew its token has nothing.
func (v *visit) begin(user models.User, lasts time.Duration, values map[string]string) error {
	if err := v.end(); err != nil {
		return err
	}
	ctx, err := v.loadSession(v.context(), v.request, "")
	if err != nil {
		return err
	}
	heldBy(ctx).user = user
	v.sessions.SetDeadline(ctx, v.now.Add(lasts))
	for key, value := range values {
		v.sessions.Put(ctx, key, value)
	}
	token, _, err := v.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	v.cookie(sessionCookie(v.request), token, lasts)
	return nil
}

// end forgets the session of this browser, if it has one in the store.
func (v *visit) end() error {
	c, err := v.request.Cookie(sessionCookie(v.request))
	if err != nil || strings.TrimSpace(c.Value) == "" {
		return nil
	}
	ctx, err := v.loadSession(v.context(), v.request, c.Value)
	if err != nil || heldBy(ctx).session.ID == 0 {
		return err
	}
	return v.sessions.Destroy(ctx)
}
