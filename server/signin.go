package server

import (
	"errors"
	"net/http"

	"golang.org/x/oauth2"

	"drover/models"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// signIn takes the token from the address that was printed at start, and sends
// the browser on, so that it does not stay in the address bar. Without one it
// shows the ways to sign in.
func signIn(v *visit) error {
	if !v.canSignIn() {
		return failure{status: http.StatusForbidden, title: "Nobody can sign in here", text: "Writes are off: " + v.whyReadOnly() + "."}
	}
	if token := v.query.Get("token"); token != "" && v.tokenWorks() {
		return v.trySignIn(token, v.query.Get("next"), "")
	}
	return v.askWho(http.StatusOK, v.query.Get("next"), "")
}

func signInForm(v *visit) error {
	if !v.canSignIn() {
		return signIn(v)
	}
	fields, err := v.fields("token", "next", "as")
	if err != nil {
		return err
	}
	if v.issuer != nil {
		return v.goToIssuer(fields["next"])
	}
	return v.trySignIn(fields["token"], fields["next"], fields["as"])
}

// trySignIn takes the token. In development whoever has it may also be one of
// the personas.
func (v *visit) trySignIn(token, next, as string) error {
	holds := v.holdsToken(v.request) || v.by.withToken
	if token != "" || !holds {
		holds = same(token, v.Settings.Token)
	}
	if !holds {
		return v.askWho(http.StatusForbidden, next, "This is not the token that was printed at the last start.")
	}
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	if as != "" && v.developing() {
		return v.signInAs(as, next)
	}
	if err := v.end(); err != nil {
		return err
	}
	v.cookie(sessionCookie(v.request), v.session(), sessionLasts)
	return v.redirect(http.StatusSeeOther, local(next))
}

// askWho shows how somebody can sign in.
func (v *visit) askWho(status int, next, problem string) error {
	f := v.frame("Sign in", route.SignIn(""), ui.Crumb{Text: "Sign in"})
	f.Formats = nil
	p := page.SignIn{Frame: f, Next: string(local(next)), Error: problem, HasToken: v.holdsToken(v.request) || v.by.withToken}
	if v.issuer != nil {
		p.Provider = v.issuer.host()
		return v.html(status, p)
	}
	if v.developing() {
		for _, one := range personas {
			p.Personas = append(p.Personas, ui.Option{Value: one.subject, Text: one.name, Help: one.does})
		}
	}
	return v.html(status, p)
}

// goToIssuer begins a sign-in: what this browser has to bring back is kept in
// a session of its own, and is good once.
func (v *visit) goToIssuer(next string) error {
	p, err := v.issuer.discover(v.context())
	if err != nil {
		return v.providerFailed(next, err)
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	err = v.begin(models.User{}, attemptLasts, map[string]string{keyState: state, keyNonce: nonce, keyVerifier: verifier, keyNext: string(local(next))})
	if err != nil {
		return err
	}
	config := v.issuer.config(p)
	to := config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", nonce))
	return v.goOutside(page.Onward{Title: "Sign in", Text: "You go on to " + v.issuer.host() + ", which asks who you are.", To: to})
}

// goOutside leads a browser to another site. It is a page and no redirect: the
// policy of our pages lets no form end elsewhere.
func (v *visit) goOutside(p page.Onward) error {
	p.Frame = v.frame(p.Title, route.SignIn(""), ui.Crumb{Text: p.Title})
	p.Frame.Formats = nil
	header := v.echo.Response().Header()
	header.Set("Refresh", "0; url="+p.To)
	return v.html(http.StatusOK, p)
}

// providerFailed says what went wrong at the provider.
func (v *visit) providerFailed(next string, err error) error {
	f := failure{status: http.StatusForbidden, title: "Not signed in", text: "Try again.", next: link("Sign in", route.SignIn(local(next)))}
	var away awayError
	var refused refusedError
	switch {
	case errors.As(err, &away):
		f.status, f.title = http.StatusServiceUnavailable, "The identity provider does not answer"
		f.text = "Nobody can sign in while " + v.issuer.host() + " is away. Everything else works, and so do the sessions that there are. Try again in a moment."
		v.echo.Response().Header().Set("Retry-After", "5")
	case errors.As(err, &refused):
		f.text = upperFirst(refused.why) + ". Begin again."
	default:
		return err
	}
	v.Log.WarnContext(v.context(), "sign-in failed", "request_id", noteOf(v.echo).id, "error", err.Error())
	return f
}

// signInBack is where the provider sends people back to. State, nonce and
// verifier must be those of the attempt that this browser began, and that
// attempt is over with the first who comes back.
func signInBack(v *visit) error {
	if v.issuer == nil {
		return notFound("No such page", "People do not sign in at an identity provider here.")
	}
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	attempt, err := v.takeAttempt()
	if err != nil {
		return err
	}
	next := attempt[keyNext]
	if state := v.query.Get("state"); state == "" || !same(state, attempt[keyState]) {
		return v.providerFailed(next, refusedError{"this sign-in was not begun in this browser, took too long, or was used before"})
	}
	if iss := v.query.Get("iss"); iss != "" && iss != v.issuer.Issuer {
		return v.providerFailed(next, refusedError{"the answer came from another identity provider"})
	}
	if said := v.query.Get("error"); said != "" {
		return v.providerFailed(next, refusedError{"the identity provider did not sign you in (" + plain(said) + ")"})
	}
	who, err := v.issuer.exchange(v.context(), v.query.Get("code"), attempt[keyVerifier], attempt[keyNonce])
	if err != nil {
		return v.providerFailed(next, err)
	}
	return v.arrive(who, next, nil)
}

// takeAttempt ends the attempt of this browser and gives what it had to keep:
// nothing to the second who asks.
func (v *visit) takeAttempt() (map[string]string, error) {
	c, err := v.request.Cookie(sessionCookie(v.request))
	if err != nil {
		return nil, nil //nolint:nilerr // no cookie: no attempt
	}
	ctx, err := v.loadSession(v.context(), v.request, c.Value)
	if err != nil {
		return nil, err
	}
	h := heldBy(ctx)
	if h.session.ID == 0 || h.session.UserID != 0 {
		return nil, nil // none, or somebody is signed in already
	}
	kept := map[string]string{}
	for _, key := range []string{keyState, keyNonce, keyVerifier, keyNext} {
		kept[key] = v.sessions.GetString(ctx, key)
	}
	first := false
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		first, err = tx.DropSession(h.session.Token)
		return err
	})
	if err != nil || !first {
		return nil, err
	}
	return kept, nil
}

// arrive stores who signs in and begins their session.
func (v *visit) arrive(who arrived, next string, more map[string]string) error {
	var user models.User
	store := func(tx *models.Tx) (err error) {
		if user, err = tx.Arrive(who.Arrival); err != nil {
			return err
		}
		return tx.Record(models.Audit{Who: user.Name, UserID: user.ID, What: "signed in", ObjectKind: "user", ObjectID: user.ID})
	}
	err := v.Store.Tx(v.context(), store)
	if errors.Is(err, models.ErrDuplicate) { // the same person in another browser, at this moment
		err = v.Store.Tx(v.context(), store)
	}
	if err != nil {
		return err
	}
	if user.BlockedAt != nil {
		return failure{status: http.StatusForbidden, title: "Not signed in", text: "An administrator of this site has blocked you."}
	}
	values := map[string]string{keyUser: user.ID.String(), keyHint: who.hint}
	for key, value := range more {
		values[key] = value
	}
	if err := v.begin(user, sessionLasts, values); err != nil {
		return err
	}
	return v.redirect(http.StatusSeeOther, local(next))
}

// signOut ends the session here, then the one at the provider.
func signOut(v *visit) error {
	hint := ""
	if c, err := v.request.Cookie(sessionCookie(v.request)); err == nil && v.by.session != 0 {
		ctx, err := v.loadSession(v.context(), v.request, c.Value)
		if err != nil {
			return err
		}
		hint = v.sessions.GetString(ctx, keyHint)
	}
	if err := v.end(); err != nil {
		return err
	}
	v.dropCookie(sessionCookie(v.request))
	wasIn := v.by.session != 0
	v.by, v.signedIn = person{}, false
	if v.issuer != nil && wasIn {
		if to := v.issuer.signOutAt(v.context(), hint, v.absolute(route.Home())); to != "" {
			return v.goOutside(page.Onward{
				Title: "Signed out", Text: "You are signed out of this site, and go on to sign out of " + v.issuer.host() + ", too.", To: to,
			})
		}
	}
	return v.redirect(http.StatusSeeOther, route.Home())
}

// persona is somebody to try the site as, in development.
type persona struct {
	subject, name, does string
	role                string // everywhere; "" for none
	owns                string // kind of objects that are theirs
}

// personas are who the site is made for.
var personas = []persona{
	{"asha", "Asha", "kernel developer: reads, watches, drafts", "", ""},
	{"milan", "Milan", "tree maintainer: owns the trees that are there", "", models.KindTree},
	{"tomas", "Tomás", "test maintainer: owns the tests that are there", "", models.KindTest},
	{"wen", "Wen", "triager", "triager", ""},
	{"ola", "Ola", "operator", "operator", ""},
}

// personaIssuer is no URL, so that no provider can be it.
const personaIssuer = "development"

// signInAs makes this browser a persona.
func (v *visit) signInAs(subject, next string) error {
	for _, one := range personas {
		if one.subject != subject {
			continue
		}
		err := v.Store.Tx(v.context(), func(tx *models.Tx) error { return equip(tx, one) })
		if err != nil {
			return err
		}
		who := arrived{Arrival: models.Arrival{
			Issuer: personaIssuer, Subject: one.subject, Name: one.name, Email: one.subject + "@example.com", Groups: []string{one.subject},
		}}
		return v.arrive(who, next, map[string]string{keyToken: v.session()})
	}
	return v.askWho(http.StatusUnprocessableEntity, next, "Choose one of the people.")
}

// equip gives a persona what they have: a role, or the trees or tests.
func equip(tx *models.Tx, p persona) error {
	user, err := tx.Arrive(models.Arrival{Issuer: personaIssuer, Subject: p.subject, Name: p.name, Email: p.subject + "@example.com", Groups: []string{p.subject}})
	if err != nil {
		return err
	}
	const by = "the sign-in of development"
	if p.role != "" {
		return tx.EnsureGrant(models.Grant{UserID: user.ID, Role: p.role, GivenBy: by})
	}
	if p.owns == "" {
		return nil
	}
	list, err := tx.Ownerless(p.owns, 1000)
	if err != nil {
		return err
	}
	for _, object := range list {
		if err := tx.Own(user.ID, p.owns, object, by); err != nil {
			return err
		}
	}
	return nil
}
