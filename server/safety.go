package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"drover/views/route"
)

// guard refuses what must not reach a handler: while writes are possible, a
// Host that is not ours (another name that was made to point here); and any
// change that another site asks a browser for.
func (s *site) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if s.Settings.Writable && !slices.Contains(s.Settings.Hosts, strings.ToLower(r.Host)) {
			// Nothing of the site goes to a page that came here under a false name.
			return c.String(http.StatusMisdirectedRequest, "This server does not answer to this host name. Use one of: "+
				strings.Join(s.Settings.Hosts, ", ")+"\n")
		}
		if oneClick(r) {
			return next(c)
		}
		if err := s.crossed.Check(r); err != nil {
			return failure{status: http.StatusForbidden, title: "Refused",
				text: "Another site asked your browser to change something here. Open the page on this site and try again."}
		}
		return next(c)
	}
}

// oneClick tells whether a request is the unsubscribing that mail programs do
// for their users (RFC 8058): the token in its path is its whole permission.
func oneClick(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.EscapedPath(), string(route.Unsubscribe("")))
}

// tokenWorks tells whether the token of the start opens anything here: only on
// a loopback address, and only while no identity provider does.
func (s *site) tokenWorks() bool {
	return s.Settings.Writable && s.Settings.Token != "" && s.issuer == nil
}

// canSignIn tells whether anybody can sign in here.
func (s *site) canSignIn() bool { return s.issuer != nil || s.tokenWorks() }

// whyReadOnly is part of a sentence: why nobody can change anything here.
func (s *site) whyReadOnly() string {
	if !s.Settings.Writable {
		return "this server does not listen on a loopback address, and no sign-in is set up"
	}
	return "this server was started without a token"
}

// holdsToken tells whether a request shows the token: a program in its
// Authorization header, a browser in its cookie.
func (s *site) holdsToken(r *http.Request) bool {
	if !s.tokenWorks() {
		return false
	}
	if header := r.Header.Get("Authorization"); header != "" {
		token, ok := strings.CutPrefix(header, "Bearer ")
		return ok && same(token, s.Settings.Token)
	}
	c, err := r.Cookie(sessionCookie(r))
	return err == nil && same(c.Value, s.session())
}

// same compares two secrets in a time that tells nothing about them.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// session is what the cookie holds: made of the token, so that it lives as
// long, and not the token, so that the cookie is no key for programs.
func (s *site) session() string {
	mac := hmac.New(sha256.New, []byte(s.Settings.Token))
	_, _ = mac.Write([]byte("browser session")) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// sessionCookie is named after the port, because browsers keep one set of
// cookies for all ports of a host.
func sessionCookie(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	return "drover_session_" + port
}

// local is next if it is a path of this site, else the overview.
func local(next string) route.URL {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return route.Home()
	}
	return route.URL(next)
}
