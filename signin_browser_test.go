package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"drover/models"
	"drover/views/route"
)

// freePort is one that nothing listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// startProvider starts a real identity provider for a site.
func startProvider(t *testing.T, site string) string {
	t.Helper()
	program := os.Getenv("DROVER_TEST_OIDC_PROVIDER")
	if program == "" {
		t.Skip("no identity provider: set DROVER_TEST_OIDC_PROVIDER, or run `make test`, which installs one")
	}
	script, err := filepath.Abs("testdata/oidc_provider.mjs")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	process := exec.Command(program, script, port, site)
	process.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "NODE_ENV=test"}
	output, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait() // it was killed
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatal("the identity provider did not start")
	return ""
}

// TestSignInInABrowser signs in at a real provider, looks at the pages that
// are for those who are signed in, gives a role, and signs out here and there.
func TestSignInInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser and an identity provider")
	}
	t.Parallel()
	b := newBrowser(t)
	port := freePort(t)
	site := "http://127.0.0.1:" + port
	issuer := startProvider(t, site)
	at := install(t, "DROVER_LISTEN=127.0.0.1:"+port, "DROVER_URL="+site, "DROVER_OIDC_ISSUER="+issuer, "DROVER_OIDC_CLIENT_ID=drover",
		"DROVER_OIDC_CLIENT_SECRET=a secret of the test", "DROVER_OIDC_ROLES=admin=ci-admins", "DROVER_CLOSED=true")
	b.do("a closed site", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site+"/admin/users?q=ola"))
	b.accessible("the sign-in")
	b.picture("sign-in-at-a-provider")
	b.throughProvider("ola")
	if got := read(b, "back", chromedp.Evaluate[string]("location.pathname + location.search + ' ' + document.querySelector('.who').textContent")); got != "/admin/users?q=ola Ola" {
		t.Fatalf("after the sign-in: %q", got)
	}
	ola := read(b, "ola", chromedp.Evaluate[string](`document.querySelector("main table tbody a").getAttribute("href")`))
	for name, u := range map[string]route.URL{
		"people": route.Users(), "a person": route.URL(ola), "audit": route.Audit(), "banner": route.Banner(), "configuration": route.Configuration(), "me": route.Me(),
	} {
		for width, theme := range map[int64]string{1280: "light", 360: "dark"} {
			b.theme(theme)
			b.fits(fmt.Sprintf("%s at %d, %s", name, width, theme), at.base+string(u), width)
			b.accessible(name)
		}
		b.quiet(name)
	}
	if text := read(b, "configuration", chromedp.Evaluate[string](fmt.Sprintf("fetch(%q).then((r) => r.text())", route.Configuration()), chromedp.EvalAwaitPromise)); strings.Contains(text, "a secret of the test") || !strings.Contains(text, "********") {
		t.Error("the configuration shows a secret")
	}
	b.do("give a role", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site+ola))
	b.press(`form[action$="/give"] button`)
	if text := read(b, "the role", chromedp.Evaluate[string]("document.querySelector('main').textContent")); !strings.Contains(text, "Take away the role triager") {
		t.Errorf("the role is not there:\n%s", text)
	}
	b.press(`form[action="/logout"] button`)
	b.do("sign out at the provider", chromedp.WaitVisible(chromedp.CSS(`button[name="logout"][value="yes"]`)))
	b.press(`button[name="logout"][value="yes"]`)
	b.do("the site again", chromedp.Navigate(site+"/me"))
	if text := read(b, "signed out", chromedp.Evaluate[string]("document.querySelector('header').textContent")); strings.Contains(text, "Sign out") {
		t.Error("still signed in")
	}
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(at.data, "drover.db"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	users, err := s.Users(10)
	if err != nil || len(users) != 1 || users[0].Email != "ola@example.com" || users[0].MemberOf != "ci-admins\nlab" {
		t.Errorf("%+v, %v", users, err)
	}
	sessions, err := s.SessionsOf(users[0].ID, 10)
	if err != nil || len(sessions) != 0 {
		t.Errorf("%d sessions are left, %v", len(sessions), err)
	}
}

// throughProvider goes on from the page that asks who it is, as somebody.
func (b *browser) throughProvider(name string) {
	b.t.Helper()
	b.press(`main form button`)
	b.do("the provider", chromedp.WaitVisible(chromedp.CSS(`input[name="login"]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name="login"]`), name), chromedp.SendKeys(chromedp.CSS(`input[name="password"]`), "any"))
	b.press(`button[type="submit"]`)
	b.do("the provider's consent", chromedp.WaitVisible(chromedp.CSS(`button[type="submit"]`)))
	b.press(`button[type="submit"]`)
	b.do("back", chromedp.WaitVisible(chromedp.CSS(".who")))
	b.forget() // what the provider's pages say is not ours
}
