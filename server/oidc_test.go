package server_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"drover/models"
	"drover/rules/permission"
	"drover/server"
)

// provider is an identity provider with faults that a test switches on.
type provider struct {
	*httptest.Server
	guard   sync.Mutex
	keys    map[string]*rsa.PrivateKey // published, by their name
	signs   string                     // name of the key that signs
	codes   map[string]url.Values      // what each code was asked for with; good once
	claims  map[string]any             // of whoever signs in
	tell    func(claims map[string]any)
	away    bool
	subject string // that the page about the user speaks of
}

const clientID, clientSecret = "drover", "a secret of the client"

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{keys: map[string]*rsa.PrivateKey{}, codes: map[string]url.Values{}, subject: "sub-1", claims: map[string]any{
		"sub": "sub-1", "name": "Asha Rao", "email": "asha@example.com", "email_verified": true, "groups": []string{"kernel", "ci-lab"},
	}}
	p.rotate(t, "first")
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"userinfo_endpoint": p.URL + "/me", "end_session_endpoint": p.URL + "/end", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { p.json(w, p.published()) })
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/me", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{"sub": p.subject, "groups": p.claims["groups"]})
	})
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.guard.Lock()
		away := p.away
		p.guard.Unlock()
		if away {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) json(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client sees a broken answer
}

// rotate signs with a new key from now on; the old one is published no more.
func (p *provider) rotate(t *testing.T, name string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.guard.Lock()
	defer p.guard.Unlock()
	p.keys, p.signs = map[string]*rsa.PrivateKey{name: key}, name
}

func (p *provider) published() map[string]any {
	p.guard.Lock()
	defer p.guard.Unlock()
	var list []map[string]string
	for name, key := range p.keys {
		list = append(list, map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": name, "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	return map[string]any{"keys": list}
}

// token gives the identity token for a code, if the verifier is the one whose
// hash was shown before.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.guard.Lock()
	defer p.guard.Unlock()
	code := r.PostFormValue("code")
	asked, known := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	user, password, _ := r.BasicAuth()
	if user == "" {
		user, password = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	secret, err := url.QueryUnescape(password)
	if !known || err != nil || user != clientID || secret != clientSecret || asked.Get("code_challenge_method") != "S256" ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		p.json(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": clientID, "nonce": asked.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	for name, value := range p.claims {
		claims[name] = value
	}
	if p.tell != nil {
		p.tell(claims)
	}
	p.json(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(claims)})
}

func (p *provider) sign(claims map[string]any) string {
	part := func(v any) string {
		body, _ := json.Marshal(v) // of maps of text and numbers
		return base64.RawURLEncoding.EncodeToString(body)
	}
	text := part(map[string]string{"alg": "RS256", "kid": p.signs}) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	key := p.keys[p.signs]
	if key == nil {
		key = p.keys[strings.TrimPrefix(p.signs, "hidden ")]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// approve is what the provider does when somebody signs in there: it sends the
// browser back with a code.
func (p *provider) approve(t *testing.T, sent string) url.Values {
	t.Helper()
	u, err := url.Parse(sent)
	if err != nil || !strings.HasPrefix(sent, p.URL+"/auth?") {
		t.Fatalf("sent to %q, %v", sent, err)
	}
	asked := u.Query()
	if asked.Get("state") == "" || asked.Get("nonce") == "" || asked.Get("code_challenge_method") != "S256" || asked.Get("response_type") != "code" {
		t.Errorf("asked for %v", asked)
	}
	code := "code-" + asked.Get("state")[:8]
	p.guard.Lock()
	defer p.guard.Unlock()
	p.codes[code] = asked
	return url.Values{"code": {code}, "state": {asked.Get("state")}, "iss": {p.URL}}
}

// atProvider is a world whose people sign in at a provider.
func atProvider(t *testing.T) (*world, *provider) {
	t.Helper()
	w, p := quick(t), newProvider(t)
	s := writableSettings()
	s.Writable, s.Token, s.Hosts, s.URL = false, "", nil, "https://ci.example.org"
	s.OIDC = &server.OIDC{Issuer: p.URL, ClientID: clientID, ClientSecret: clientSecret, Scopes: []string{"openid", "profile"}, GroupsClaim: "groups", Client: p.Client()}
	s.GroupRoles = map[string][]permission.Role{"ci-lab": {permission.Operator}, "ci-admins": {permission.Admin}}
	w.serve(s)
	return w, p
}

// begin goes to the provider, and gives the cookie of the attempt.
func (w *world) begin(next string, cookies ...*http.Cookie) (sent string, attempt *http.Cookie) {
	w.t.Helper()
	r := w.do(request{method: "POST", path: "/login", body: url.Values{"next": {next}}.Encode(), header: ownOrigin, cookies: cookies})
	sent, ok := strings.CutPrefix(r.Header.Get("Refresh"), "0; url=")
	if r.StatusCode != http.StatusOK || !ok || len(r.Cookies()) != 1 {
		w.t.Fatalf("beginning: %d, %q, %d cookies %.300s", r.StatusCode, sent, len(r.Cookies()), text(w.t, r))
	}
	return sent, r.Cookies()[0]
}

func (w *world) back(said url.Values, cookies ...*http.Cookie) *http.Response {
	w.t.Helper()
	return w.do(request{path: "/login/back?" + said.Encode(), cookies: cookies, header: map[string]string{"Sec-Fetch-Site": "cross-site"}})
}

func TestSignInAtAProvider(t *testing.T) {
	w, p := atProvider(t)
	sent, attempt := w.begin("/trees/quiet?branch=x")
	if !attempt.HttpOnly || !attempt.Secure || attempt.SameSite != http.SameSiteLaxMode || attempt.MaxAge > 600 {
		t.Errorf("the cookie of the attempt: %v", attempt)
	}
	if r := w.do(request{path: "/trees", cookies: []*http.Cookie{attempt}}); strings.Contains(text(t, r), "Sign out") {
		t.Error("somebody on the way is signed in already")
	}
	said := p.approve(t, sent)
	r := w.back(said, attempt)
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/trees/quiet?branch=x" || len(r.Cookies()) != 1 {
		t.Fatalf("back: %d to %q, %v %.400s", r.StatusCode, r.Header.Get("Location"), r.Cookies(), text(t, r))
	}
	session := r.Cookies()[0]
	if session.Value == attempt.Value || !session.HttpOnly || !session.Secure || session.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie of the session: %v", session)
	}
	me := decode(t, text(t, w.do(request{path: "/me.json", cookies: []*http.Cookie{session}})))["data"].(map[string]any)["account"].(map[string]any)
	if me["name"] != "Asha Rao" || me["email"] != "asha@example.com" || len(me["sessions"].([]any)) != 1 || me["roles"].([]any)[0] != "operator" {
		t.Errorf("%v", me)
	}
	if r := w.back(said, attempt); r.StatusCode != http.StatusForbidden { // the state again
		t.Errorf("a replayed answer: %d", r.StatusCode)
	}
	if r := w.do(request{path: "/me.json", cookies: []*http.Cookie{attempt}}); decode(t, text(t, r))["data"].(map[string]any)["account"] != nil {
		t.Error("who knew the cookie from before the sign-in is signed in")
	}
	out := w.do(request{method: "POST", path: "/logout", cookies: []*http.Cookie{session}, header: ownOrigin})
	end, err := url.Parse(strings.TrimPrefix(out.Header.Get("Refresh"), "0; url="))
	if err != nil || end.Path != "/end" || end.Query().Get("id_token_hint") == "" || end.Query().Get("post_logout_redirect_uri") != "https://ci.example.org/" {
		t.Errorf("signed out to %v, %v", end, err)
	}
	if r := w.do(request{path: "/me.json", cookies: []*http.Cookie{session}}); decode(t, text(t, r))["data"].(map[string]any)["account"] != nil {
		t.Error("a session that is over is good")
	}
	for _, secret := range []string{session.Value, attempt.Value, said.Get("code"), said.Get("state")} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestSignInsThatDoNotHold: each fault is refused, says so, and signs nobody in.
func TestSignInsThatDoNotHold(t *testing.T) {
	w, p := atProvider(t)
	for _, c := range []struct {
		name   string
		damage func(said url.Values)
		want   string
	}{
		{"another nonce", func(url.Values) { p.tell = func(c map[string]any) { c["nonce"] = "another" } }, "made for another sign-in"},
		{"no nonce", func(url.Values) { p.tell = func(c map[string]any) { delete(c, "nonce") } }, "made for another sign-in"},
		{"another state", func(said url.Values) { said.Set("state", "another") }, "not begun in this browser"},
		{"no state", func(said url.Values) { said.Del("state") }, "not begun in this browser"},
		{"another code", func(said url.Values) { said.Set("code", "another") }, "does not take the code back"},
		{"another verifier", func(said url.Values) { p.codes[said.Get("code")].Set("code_challenge", "another") }, "does not take the code back"},
		{"for another client", func(url.Values) { p.tell = func(c map[string]any) { c["aud"] = "another" } }, "does not hold"},
		{"from another issuer", func(url.Values) { p.tell = func(c map[string]any) { c["iss"] = "https://evil.example" } }, "does not hold"},
		{"an old token", func(url.Values) { p.tell = func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() } }, "does not hold"},
		{"an answer of another issuer", func(said url.Values) { said.Set("iss", "https://evil.example") }, "another identity provider"},
		{"a key that is not published", func(url.Values) { p.signs = "hidden first" }, "does not hold"},
		{"another user", func(url.Values) { p.subject = "sub-2" }, "two different people"},
		{"refused there", func(said url.Values) { said.Set("error", "access_denied") }, "did not sign you in (access_denied)"},
	} {
		p.tell, p.signs, p.subject = nil, "first", "sub-1"
		sent, attempt := w.begin("/")
		said := p.approve(t, sent)
		c.damage(said)
		r := w.back(said, attempt)
		body := text(t, r)
		if r.StatusCode != http.StatusForbidden || !strings.Contains(body, c.want) || len(r.Cookies()) != 0 {
			t.Errorf("%s: %d, %d cookies, want %q in %.2000s", c.name, r.StatusCode, len(r.Cookies()), c.want, body)
		}
	}
	users, err := w.s.Users(10)
	if err != nil || len(users) != 0 {
		t.Errorf("%d people, %v", len(users), err)
	}
}

func TestProviderAwayAndKeysRotated(t *testing.T) {
	w, p := atProvider(t)
	p.away = true
	r := w.do(request{method: "POST", path: "/login", body: "next=/", header: ownOrigin})
	if body := text(t, r); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || !strings.Contains(body, "does not answer") {
		t.Errorf("away: %d %.300s", r.StatusCode, body)
	}
	w.get("/trees/net-next", 200)
	w.get("/login", 200)
	p.away = false
	w.serve(w.settings) // five seconds later
	sent, attempt := w.begin("//evil.example/")
	p.rotate(t, "second")
	r = w.back(p.approve(t, sent), attempt)
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		t.Errorf("with a new key: %d to %q %.300s", r.StatusCode, r.Header.Get("Location"), text(t, r))
	}
}

// TestPersonIsIssuerAndSubject: an address names nobody, and groups are those
// of the last sign-in.
func TestPersonIsIssuerAndSubject(t *testing.T) {
	w, p := atProvider(t)
	in := func() *http.Cookie {
		t.Helper()
		sent, attempt := w.begin("/")
		r := w.back(p.approve(t, sent), attempt)
		if r.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d %.300s", r.StatusCode, text(t, r))
		}
		return r.Cookies()[0]
	}
	in()
	p.claims["sub"], p.subject, p.claims["name"] = "sub-2", "sub-2", "Asha Rao"
	p.claims["email_verified"] = false
	in()
	p.claims["sub"], p.subject, p.claims["name"], p.claims["groups"] = "sub-1", "sub-1", "Asha R.", []string{"ci-admins"}
	session := in()
	users, err := w.s.Users(10)
	if err != nil || len(users) != 2 || users[0].Name != "Asha R." || users[0].Email != "" || users[0].MemberOf != "ci-admins" || users[1].Email != "" {
		t.Fatalf("%+v, %v", users, err)
	}
	admin := []*http.Cookie{session}
	if r := w.do(request{path: "/admin/users", cookies: admin}); r.StatusCode != http.StatusOK {
		t.Errorf("an administrator by group: %d", r.StatusCode)
	}
	other := users[1]
	if r := w.do(request{method: "POST", path: "/admin/users/" + other.ID.String() + "/-/actions/block", cookies: admin, header: ownOrigin, body: "x=1"}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("blocking: %d %.300s", r.StatusCode, text(t, r))
	}
	p.claims["sub"], p.subject = "sub-2", "sub-2"
	sent, attempt := w.begin("/")
	if r := w.back(p.approve(t, sent), attempt); r.StatusCode != http.StatusForbidden || !strings.Contains(text(t, r), "has blocked you") {
		t.Errorf("a blocked person comes in: %d", r.StatusCode)
	}
	sessions, err := w.s.SessionsOf(users[0].ID, 10)
	if err != nil || len(sessions) != 2 {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	for _, s := range sessions {
		if strings.Contains(s.Token, session.Value) {
			t.Error("the store knows what the cookie holds")
		}
	}
	end := func(s models.Session) int {
		return w.do(request{method: "POST", path: "/me/-/actions/end", cookies: admin, header: ownOrigin, body: "session=" + s.ID.String()}).StatusCode
	}
	if got := [3]int{end(sessions[1]), end(sessions[1]), end(sessions[0])}; got != [3]int{303, 404, 303} {
		t.Errorf("ending sessions: %v", got)
	}
	if r := w.do(request{path: "/admin/users", cookies: admin}); r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/login?next=") {
		t.Errorf("after the end: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}
