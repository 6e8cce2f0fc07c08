package git

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"drover/clients"
)

// turning is a resolver bent by an attacker: public when asked first, inside
// ever after.
func turning(asked *int) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		*asked++
		if *asked == 1 {
			return []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("2606:2800:220:1::1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
}

var errDialed = errors.New("dialed")

// Our own requests go to the addresses that were checked, and nowhere else.
func TestRebindingDoesNotMoveRequests(t *testing.T) {
	asked, dialed := 0, []string(nil)
	c := &Client{Lookup: turning(&asked), dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = append(dialed, address)
		return nil, errDialed
	}}
	target, err := c.Check(t.Context(), "https://rebind.example.com:444/a.git")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.LsRefs(t.Context(), target, nil); !errors.Is(err, errDialed) {
			t.Fatalf("error %v", err)
		}
	}
	want := []string{"93.184.216.34:444", "[2606:2800:220:1::1]:444"}
	if !slices.Equal(dialed, append(want, want...)) {
		t.Errorf("dialed %q", dialed)
	}
	if asked != 1 {
		t.Errorf("the name was resolved %d times", asked)
	}
	if _, err := c.Check(t.Context(), "https://rebind.example.com:444/a.git"); !errors.Is(err, clients.ErrPrivate) {
		t.Errorf("the next check says %v", err)
	}
}

// What git is given names the checked addresses, in each protocol's way.
func TestRebindingDoesNotMoveGit(t *testing.T) {
	for _, test := range []struct {
		url  string
		want []string // in the arguments or the environment
		not  string
	}{
		{"https://rebind.example.com/a.git",
			[]string{"http.curloptResolve=rebind.example.com:443:93.184.216.34,[2606:2800:220:1::1]",
				"http.followRedirects=false", "GIT_ALLOW_PROTOCOL=https", "http.proxy="}, ""},
		{"git://rebind.example.com/a.git",
			[]string{"git://93.184.216.34/a.git", "GIT_OVERRIDE_VIRTUAL_HOST=rebind.example.com", "GIT_ALLOW_PROTOCOL=git"},
			"git://rebind.example.com"},
		{"git://rebind.example.com:9999/a.git",
			[]string{"git://93.184.216.34:9999/a.git", "GIT_OVERRIDE_VIRTUAL_HOST=rebind.example.com:9999"}, ""},
		{"ada@rebind.example.com:a.git",
			[]string{"'HostName=93.184.216.34'", "'HostKeyAlias=rebind.example.com'", "GIT_ALLOW_PROTOCOL=ssh", "ada@rebind.example.com:a.git"}, ""},
		{"ssh://rebind.example.com:2222/a.git",
			[]string{"'HostName=93.184.216.34'", "'HostKeyAlias=[rebind.example.com]:2222'"}, ""},
	} {
		asked := 0
		c := &Client{Lookup: turning(&asked), dial: func(context.Context, string, string) (net.Conn, error) {
			here, _ := net.Pipe()
			return here, nil
		}}
		target, err := c.Check(t.Context(), test.url)
		if err != nil {
			t.Fatal(err)
		}
		run, err := c.outside(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		given := strings.Join(append(append(run.config, run.env...), run.url), "\n")
		for _, want := range test.want {
			if !strings.Contains(given, want) {
				t.Errorf("%s: %q is not in\n%s", test.url, want, given)
			}
		}
		if test.not != "" && strings.Contains(given, test.not) {
			t.Errorf("%s: %q is in\n%s", test.url, test.not, given)
		}
		if asked != 1 {
			t.Errorf("%s: resolved %d times", test.url, asked)
		}
	}
}

// The transport knows no way to an address that the request did not bring.
func TestTransportDialsPinnedOnly(t *testing.T) {
	c := &Client{dial: func(context.Context, string, string) (net.Conn, error) { return nil, errDialed }}
	target := Target{Host: "example.com", Port: 443, addresses: []netip.Addr{netip.MustParseAddr("93.184.216.34")}}
	pinned := context.WithValue(t.Context(), pinnedKey{}, target)
	for name, test := range map[string]struct {
		ctx     context.Context
		address string
		dials   bool
	}{
		"the target":   {pinned, "example.com:443", true},
		"another host": {pinned, "localhost:443", false},
		"another port": {pinned, "example.com:80", false},
		"no target":    {t.Context(), "example.com:443", false},
	} {
		if _, err := c.dialPinned(test.ctx, "tcp", test.address); errors.Is(err, errDialed) != test.dials {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShellQuoting(t *testing.T) {
	c := &Client{SSH: "/opt/o'ssh", SSHKey: `/keys/a "b"%h`, KnownHosts: "/keys/known hosts"}
	got := c.sshCommand(Target{Host: "example.com", Port: 22}, netip.MustParseAddr("93.184.216.34"))
	for _, want := range []string{`'/opt/o'\''ssh' '-F' 'none'`, `'IdentityFile="/keys/a \"b\"%%h"'`, `'UserKnownHostsFile="/keys/known hosts"'`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
