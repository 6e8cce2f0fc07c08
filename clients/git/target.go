package git

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"drover/clients"
)

const opCheck = "git check"

// The ways to a remote. git:// is not encrypted but what MAINTAINERS lists.
const (
	schemeHTTPS = "https"
	schemeHTTP  = "http"
	schemeSSH   = "ssh"
	schemeGit   = "git"
	schemeLocal = "file"
)

var defaultPorts = map[string]uint16{schemeHTTPS: 443, schemeHTTP: 80, schemeSSH: 22, schemeGit: 9418}

// Target is a remote that Check has allowed, tied to the addresses its name
// had then. Only Check makes one; keep the URL and check it again another day.
type Target struct {
	URL    string // normalised, without secrets: to be stored, shown, compared
	Scheme string // https, http, ssh, git, file
	Host   string // lower case, without brackets; "" for a local path
	Port   uint16 // never 0 unless local
	User   string // of ssh, "" = none
	Path   string // as in the URL, percent-encoded but for scp form; absolute for local

	addresses []netip.Addr // the checked ones, in the order to try
}

// Checked says whether the Target came from Check.
func (t Target) Checked() bool {
	return t.URL != "" && (t.Scheme == schemeLocal || len(t.addresses) > 0)
}

// Key names the mirror of this remote: readable, unique, fit for a file name.
func (t Target) Key() string {
	sum := sha256.Sum256([]byte(t.URL))
	name := strings.TrimSuffix(strings.ToLower(t.Host+t.Path), ".git")
	name = strings.Trim(notInKey.ReplaceAllString(name, "-"), "-.")
	if len(name) > 60 {
		name = strings.Trim(name[len(name)-60:], "-.")
	}
	return strings.TrimPrefix(name+"-"+hex.EncodeToString(sum[:6]), "-")
}

var notInKey = regexp.MustCompile(`[^a-z0-9]+`)

// Check decides whether rawURL may be contacted at all and resolves its name
// once. Refusals are Permanent and say what to do; clients.ErrPrivate can be
// told apart. The URL is never part of an error: it may hold a password.
func (c *Client) Check(ctx context.Context, rawURL string) (Target, error) {
	if err := clients.Outside(ctx); err != nil {
		return Target{}, err
	}
	t, err := parseRemote(rawURL)
	if err != nil {
		return Target{}, err
	}
	if t.Scheme == schemeLocal {
		if !c.AllowLocal && !c.owns(t.Path) {
			return Target{}, permanent(opCheck, "paths on the server are not accepted here; give an https URL")
		}
		return t, nil
	}
	if t.Scheme == schemeHTTP && !c.AllowPrivate {
		return Target{}, permanent(opCheck, "http:// is not encrypted: write https://")
	}
	if t.addresses, err = c.addressesOf(ctx, t.Host); err != nil {
		return Target{}, err
	}
	if err := c.allowed(t.Host, t.addresses); err != nil {
		return Target{}, err
	}
	if t.Scheme == schemeHTTP && !loopback(t.addresses) {
		return Target{}, permanent(opCheck, "http:// is not encrypted and accepted on this machine only: write https://")
	}
	return t, nil
}

// owns tells whether a local path is a repository that we made ourselves.
func (c *Client) owns(path string) bool {
	below, err := filepath.Rel(c.Own, path)
	return c.Own != "" && err == nil && filepath.IsLocal(below)
}

func (c *Client) addressesOf(ctx context.Context, host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	return c.lookup(ctx, host)
}

// shownHost is the host as it stands in a URL: IPv6 in brackets.
func (t Target) shownHost() string {
	if strings.Contains(t.Host, ":") {
		return "[" + t.Host + "]"
	}
	return t.Host
}

// authority is host and, unless it is the scheme's own, port.
func (t Target) authority() string {
	if t.Port == defaultPorts[t.Scheme] {
		return t.shownHost()
	}
	return t.shownHost() + ":" + strconv.Itoa(int(t.Port))
}

// withURL fills in the normalised URL.
func (t Target) withURL() Target {
	switch {
	case t.Scheme == schemeLocal:
		t.URL = t.Path
	case t.Scheme == schemeSSH && !strings.HasPrefix(t.Path, "/"):
		// scp form: the path is relative to the account's home, which a
		// ssh:// URL cannot say.
		t.URL = t.login() + t.shownHost() + ":" + t.Path
	default:
		t.URL = fmt.Sprintf("%s://%s%s%s", t.Scheme, t.login(), t.authority(), t.Path)
	}
	return t
}

func (t Target) login() string {
	if t.User == "" {
		return ""
	}
	return t.User + "@"
}
