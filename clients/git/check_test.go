package git

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"drover/clients"

	"github.com/google/go-cmp/cmp"
)

// names is a resolver that knows a few names and counts the questions.
type names struct {
	known map[string][]string
	asked int
}

func (n *names) lookup(_ context.Context, host string) ([]netip.Addr, error) {
	n.asked++
	texts, known := n.known[host]
	if !known {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var addresses []netip.Addr
	for _, text := range texts {
		addresses = append(addresses, netip.MustParseAddr(text))
	}
	return addresses, nil
}

// public resolves every name that the tests use.
func public() *names {
	return &names{known: map[string][]string{
		"git.kernel.org": {"139.178.84.217", "2604:1380:4641:c500::1"}, "example.com": {"93.184.216.34"},
		"inside.example.com": {"10.1.2.3"}, "mixed.example.com": {"93.184.216.34", "10.1.2.3"},
		"mixed6.example.com": {"93.184.216.34", "fd00::1"}, "localhost": {"127.0.0.1"},
		"metadata.example.com": {"169.254.169.254"}, "none.example.com": {}, "host_with-dash.example.com": {"93.184.216.34"},
	}}
}

func TestCheckAccepts(t *testing.T) {
	for _, test := range []struct{ in, url, scheme, host, user, path string }{
		{"https://git.kernel.org/pub/scm/linux.git", "https://git.kernel.org/pub/scm/linux.git", "https", "git.kernel.org", "", "/pub/scm/linux.git"},
		{"git://git.kernel.org/pub/scm/linux.git/", "https://git.kernel.org/pub/scm/linux.git", "https", "git.kernel.org", "", "/pub/scm/linux.git"},
		{"git://GIT.kernel.org:9418/a.git", "https://git.kernel.org/a.git", "https", "git.kernel.org", "", "/a.git"},
		{"git://example.com/a.git", "git://example.com/a.git", "git", "example.com", "", "/a.git"},
		{"HTTPS://Example.COM.:443/a.git///", "https://example.com/a.git", "https", "example.com", "", "/a.git"},
		{"https://example.com:8443/~ada/a.git", "https://example.com:8443/~ada/a.git", "https", "example.com", "", "/~ada/a.git"},
		{"https://example.com/a%2Bb.git", "https://example.com/a%2Bb.git", "https", "example.com", "", "/a%2Bb.git"},
		{"https://93.184.216.34/a.git", "https://93.184.216.34/a.git", "https", "93.184.216.34", "", "/a.git"},
		{"https://[2606:2800:0220:1::1]/a", "https://[2606:2800:220:1::1]/a", "https", "2606:2800:220:1::1", "", "/a"},
		{"ssh://git@example.com/a.git", "ssh://git@example.com/a.git", "ssh", "example.com", "git", "/a.git"},
		{"ssh://git@example.com:2222/a.git", "ssh://git@example.com:2222/a.git", "ssh", "example.com", "git", "/a.git"},
		{"ssh://example.com/~/a.git", "ssh://example.com/~/a.git", "ssh", "example.com", "", "/~/a.git"},
		{"git@example.com:ada/linux.git", "git@example.com:ada/linux.git", "ssh", "example.com", "git", "ada/linux.git"},
		{"example.com:linux.git", "example.com:linux.git", "ssh", "example.com", "", "linux.git"},
		{"git@example.com:/srv/50%.git", "ssh://git@example.com/srv/50%25.git", "ssh", "example.com", "git", "/srv/50%25.git"},
		{"git@[2606:2800:220:1::1]:a.git", "git@[2606:2800:220:1::1]:a.git", "ssh", "2606:2800:220:1::1", "git", "a.git"},
		{"git@example.com:8080/a.git", "git@example.com:8080/a.git", "ssh", "example.com", "git", "8080/a.git"},
		{"https://host_with-dash.example.com/a", "https://host_with-dash.example.com/a", "https", "host_with-dash.example.com", "", "/a"},
	} {
		c := &Client{Lookup: public().lookup}
		got, err := c.Check(t.Context(), test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		want := [5]string{test.url, test.scheme, test.host, test.user, test.path}
		if diff := cmp.Diff(want, [5]string{got.URL, got.Scheme, got.Host, got.User, got.Path}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.in, diff)
		}
		if !got.Checked() || got.Port == 0 {
			t.Errorf("%s: %+v is not complete", test.in, got)
		}
		again, err := c.Check(t.Context(), got.URL)
		if err != nil || again.URL != got.URL || again.Key() != got.Key() {
			t.Errorf("%s: checking the result gives %q, %v", test.in, again.URL, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, test := range []struct{ in, text string }{
		{"", "empty"},
		{"https://example.com/" + strings.Repeat("a", 3000), "longer than"},
		{"https://ada:secret@example.com/a.git", "remove it"},
		{"https://secret@example.com/a.git", "remove it"},
		{"git://secret@example.com/a.git", "remove it"},
		{"ssh://git:secret@example.com/a.git", "remove it"},
		{"git:secret@example.com:a.git", "password"},
		{"https://example.com/a.git?private_token=secret", "before ? and #"},
		{"https://example.com/a.git?", "before ? and #"},
		{"https://example.com/a.git#secret", "before ? and #"},
		{"https://example.com/a.git#", "before ? and #"},
		{"https://example.com/%zzsecret", "well-formed"},
		{"https://example.com/a\nb", "control characters"},
		{"https://example.com/a b", "spaces"},
		{"https://example.com/a\x00", "control characters"},
		{"https://example.com/a%0ab", "control characters"},
		{"https://example.com/a%20b", "spaces"},
		{"https://example.com/a\u202egit", "control characters"},
		{"https://example.com/\xff", "control characters"},
		{`https://example.com\@evil.example.com/a`, "backslash"},
		{"-oProxyCommand=x", "dash"},
		{"--upload-pack=x", "dash"},
		{"ext::sh -c x", "spaces"},
		{"ext::sh", "helpers"},
		{"fd::17", "helpers"},
		{"http::https://example.com/a", "helpers"},
		{"ftp://example.com/a.git", "accepted are"},
		{"rsync://example.com/a.git", "accepted are"},
		{"javascript://example.com/a.git", "accepted are"},
		{"git+ssh://example.com/a.git", "write ssh://"},
		{"http://example.com/a.git", "write https://"},
		{"example.com/a.git", "no URL"},
		{"a/b:c", "no URL"},
		{"./a.git", "no URL"},
		{"https:///a.git", "no host"},
		{"https://example.com", "no repository"},
		{"https://example.com//", "no repository"},
		{"https://example.com/../a.git", "directly"},
		{"https://example.com/a/%2e%2e/b.git", "directly"},
		{"https://example.com:0/a", "port"},
		{"https://example.com:65536/a", "port"},
		{"https://example.com:99999999999999999999/a", "port"},
		{"https://example.com:-1/a", "well-formed"},
		{"https://exämple.com/a", "xn--"},
		{"https://-example.com/a", "host may"},
		{"https://example..com/a", "host may"},
		{"ssh://-oProxyCommand=x/a", "host may"},
		{"ssh://-oProxyCommand@example.com/a", "ssh user"},
		{"-x@example.com:a", "dash"},
		{"git@example.com:-x", "after the colon"},
		{"git@example.com:", "after the colon"},
		{"git@example.com:a/../b", "after the colon"},
		{"git@-example.com:a", "host may"},
		{"c:foo/", "does not resolve"},
		{"https://127.1/a", "in full"},
		{"https://2130706433/a", "in full"},
		{"https://0x7f000001/a", "in full"},
		{"https://0177.0.0.1/a", "in full"},
		{"https://[fe80::1%25eth0]/a", "network card"},
		{"/srv/git/a.git", "not accepted here"},
		{"file:///srv/git/a.git", "not accepted here"},
		{"file://srv/a.git", "three slashes"},
		{"/srv/../a.git", "without . or .."},
		{"file:///", "absolute path"},
	} {
		c := &Client{Lookup: public().lookup}
		target, err := c.Check(t.Context(), test.in)
		if err == nil {
			t.Errorf("%q: accepted as %q", test.in, target.URL)
			continue
		}
		if !strings.Contains(err.Error(), test.text) {
			t.Errorf("%q: error %q lacks %q", test.in, err, test.text)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %q tells the secret", test.in, err)
		}
		if test.text != "does not resolve" && clients.ClassOf(err) != clients.Permanent {
			t.Errorf("%q: class %q", test.in, clients.ClassOf(err))
		}
	}
}

func TestCheckAddresses(t *testing.T) {
	const hint = "DROVER_ALLOW_PRIVATE_REMOTES"
	for _, test := range []struct {
		url          string
		never        bool   // refused with AllowPrivate, too
		allowed      bool   // without AllowPrivate
		notEvenFound bool   // no address at all
		text         string // of the refusal
	}{
		{url: "https://example.com/a", allowed: true},
		{url: "https://inside.example.com/a", text: hint},
		{url: "git@inside.example.com:a", text: hint},
		{url: "git://inside.example.com/a", text: hint},
		{url: "https://mixed.example.com/a", text: hint},
		{url: "https://mixed6.example.com/a", text: hint},
		{url: "https://localhost/a", text: hint},
		{url: "https://10.0.0.1/a", text: hint},
		{url: "https://[::1]/a", text: hint},
		{url: "https://[::ffff:10.0.0.1]/a", text: hint},
		{url: "https://[64:ff9b::a00:1]/a", text: hint},
		{url: "https://metadata.example.com/a", never: true, text: "never a git server"},
		{url: "https://[::ffff:169.254.169.254]/a", never: true, text: "never a git server"},
		{url: "https://0.0.0.0/a", never: true, text: "never a git server"},
		{url: "https://224.0.0.1/a", never: true, text: "never a git server"},
		{url: "https://none.example.com/a", never: true, notEvenFound: true, text: "no address"},
		{url: "https://unknown.example.com/a", never: true, notEvenFound: true, text: "does not resolve"},
	} {
		for _, private := range []bool{false, true} {
			c := &Client{Lookup: public().lookup, AllowPrivate: private}
			_, err := c.Check(t.Context(), test.url)
			if accept := test.allowed || (private && !test.never); (err == nil) != accept {
				t.Errorf("%s with AllowPrivate %v: %v", test.url, private, err)
			}
			if err == nil {
				continue
			}
			if errors.Is(err, clients.ErrPrivate) == test.notEvenFound || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%s: error %q, want %q", test.url, err, test.text)
			}
			want := clients.Permanent
			if test.notEvenFound {
				want = clients.Transient
			}
			if clients.ClassOf(err) != want {
				t.Errorf("%s: class %q, want %q", test.url, clients.ClassOf(err), want)
			}
		}
	}
}

func TestCheckHTTP(t *testing.T) {
	c := &Client{Lookup: public().lookup, AllowPrivate: true}
	for url, accepted := range map[string]bool{
		"http://127.0.0.1:8080/a": true, "http://localhost/a": true, "http://[::1]/a": true,
		"http://inside.example.com/a": false, "http://example.com/a": false,
	} {
		if _, err := c.Check(t.Context(), url); (err == nil) != accepted {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestCheckLocal(t *testing.T) {
	c := &Client{AllowLocal: true}
	for url, want := range map[string]string{
		"/srv/git//a.git/": "/srv/git/a.git", "file:///srv/git/a.git": "/srv/git/a.git", "file:///srv/a%2Bb.git": "/srv/a+b.git",
	} {
		got, err := c.Check(t.Context(), url)
		if err != nil || got.URL != want || !got.Checked() {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

func TestJudge(t *testing.T) {
	refused := []string{"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200",
		"127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1"}
	for _, text := range refused {
		if what, _ := clients.JudgeAddress(netip.MustParseAddr(text)); what == "" {
			t.Errorf("%s passes as public", text)
		}
	}
	if what, never := clients.JudgeAddress(netip.Addr{}); what == "" || !never {
		t.Error("the zero address passes")
	}
	for _, text := range []string{"8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.0.0.1",
		"139.178.84.217", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.254",
		"2604:1380:4641:c500::1", "2606:4700::1", "2a00:1450::1", "2001:4860:4860::8888", "2003::1"} {
		if what, _ := clients.JudgeAddress(netip.MustParseAddr(text)); what != "" {
			t.Errorf("%s is refused as %s", text, what)
		}
	}
}

func TestKey(t *testing.T) {
	c := &Client{Lookup: public().lookup, AllowLocal: true}
	seen := map[string]string{}
	for _, url := range []string{"https://example.com/a.git", "https://example.com/a", "https://example.com/A.git",
		"https://example.com:444/a.git", "git://example.com/a.git", "git@example.com:a.git", "/a.git",
		"https://example.com/" + strings.Repeat("long/", 100) + "a.git", "https://example.com/ü.git", "/-"} {
		target, err := c.Check(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		key := target.Key()
		if !isKey(key) {
			t.Errorf("%s: key %q is no file name", url, key)
		}
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have one key %s", url, other, key)
		}
		seen[key] = url
	}
	if key := (Target{URL: "x", Host: "example.com", Path: "/pub/scm/linux.git"}).Key(); !strings.HasPrefix(key, "example-com-pub-scm-linux-") {
		t.Errorf("key %q is not readable", key)
	}
}

// FuzzCheck: whatever is accepted is a fixed point, harmless as an argument,
// and reaches public addresses only.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"https://example.com/a.git", "git@example.com:a.git", "ssh://u@h:22/~/p", "git://h/p",
		"file:///a", "/a", "ext::sh -c x", "https://[::ffff:10.0.0.1]/a", "https://127.1/a", "http://h/%2e%2e", "a@[::1]:b", "-x", "https://u:p@h/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		answer := []netip.Addr{netip.MustParseAddr("93.184.216.34")}
		c := &Client{AllowLocal: true, Lookup: func(context.Context, string) ([]netip.Addr, error) { return answer, nil }}
		target, err := c.Check(t.Context(), raw)
		if err != nil {
			return
		}
		if strings.HasPrefix(target.URL, "-") || !printable(target.URL) || strings.Contains(target.URL, "::") && target.Scheme != schemeLocal &&
			!strings.Contains(target.URL, "[") && helperForm.MatchString(target.URL) {
			t.Errorf("%q became %q", raw, target.URL)
		}
		if strings.HasPrefix(target.Host, "-") || strings.HasPrefix(target.User, "-") || strings.HasPrefix(target.Path, "-") {
			t.Errorf("%q became %+v", raw, target)
		}
		for _, address := range target.addresses {
			if what, _ := clients.JudgeAddress(address); what != "" {
				t.Errorf("%q reaches %s, %s", raw, address, what)
			}
		}
		again, err := c.Check(t.Context(), target.URL)
		if err != nil || again.URL != target.URL {
			t.Errorf("%q became %q, that %q (%v)", raw, target.URL, again.URL, err)
		}
		if !isKey(target.Key()) {
			t.Errorf("%q has the key %q", raw, target.Key())
		}
	})
}
