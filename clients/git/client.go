// Package git watches remote git repositories and keeps bare mirrors of them.
// It says which addresses may be contacted (Check), lists the refs of a remote
// with one cheap request (LsRefs), fetches into one mirror per remote (Fetch)
// and answers questions about the commits in there (Log, ChangedFiles, …).
//
// It must not know what a tree or a checkout is, must not write outside of
// Client.Mirrors (and of a Repo it was asked to make), never runs a shell on
// anything that came from outside, and never contacts an address that Check
// did not allow. Jobs call it; the web process never does.
package git

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"drover/clients"
)

// Bounds that hold where a field of Client is zero.
const (
	listTimeout  = time.Minute      // one LsRefs, all its requests together
	fetchTimeout = 3 * time.Hour    // a first fetch of a kernel tree moves gigabytes
	queryTimeout = 10 * time.Minute // one question to a mirror
	maxListing   = 64 << 20         // bytes of one ref list; stable's is below 1 MB
)

// Client reads remotes and keeps their mirrors. The zero value refuses private
// addresses and local paths. It is safe for use by several goroutines, and
// several processes may share Mirrors; it must not be copied after first use.
type Client struct {
	Mirrors      string // folder of the bare mirrors, absolute
	AllowPrivate bool   // remotes inside the own network (DROVER_ALLOW_PRIVATE_REMOTES)
	AllowLocal   bool   // absolute paths and file://, the operator's choice
	Own          string // folder of repositories of our own making, accepted without AllowLocal

	// Lookup resolves a host name. Nil means net.DefaultResolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	Agent      string // User-Agent, such as "drover/1.0 (+https://ci.example.org)"
	CAFile     string // PEM of further authorities for https; "" = those of the system
	Reference  string // bare repository whose objects new mirrors borrow; it must never be pruned
	SSHKey     string // private key for ssh remotes
	KnownHosts string // host keys of ssh remotes; "" = ssh's own files

	Git string // the git program; "" = git from the PATH
	SSH string // the ssh program; "" = ssh from the PATH

	ListTimeout  time.Duration // of one LsRefs; 0 = a minute
	FetchTimeout time.Duration // of one Fetch; 0 = three hours
	MaxListing   int64         // bytes of one ref list; 0 = 64 MiB

	// dial opens connections; nil = a net.Dialer. Tests set it.
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	once         sync.Once
	transport    *http.Transport
	transportErr error
}

// lookup resolves host. A failing name server may answer again later.
func (c *Client) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	find := c.Lookup
	if find == nil {
		find = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addresses, err := find(ctx, host)
	if err != nil {
		return nil, clients.Fail(clients.Transient, opCheck, fmt.Errorf("the name %s does not resolve: %w", host, err))
	}
	if len(addresses) == 0 {
		return nil, clients.Fail(clients.Transient, opCheck, fmt.Errorf("the name %s has no address", host))
	}
	return addresses, nil
}

// connect dials one checked address.
func (c *Client) connect(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	if c.dial != nil {
		return c.dial(ctx, "tcp", address.String())
	}
	dialer := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	return dialer.DialContext(ctx, "tcp", address.String())
}

// agent is the User-Agent: one line of printable ASCII.
func (c *Client) agent() string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, c.Agent)
	if clean == "" {
		return "drover"
	}
	return clean
}

func (c *Client) listTimeout() time.Duration { return orDuration(c.ListTimeout, listTimeout) }

func (c *Client) fetchTimeout() time.Duration { return orDuration(c.FetchTimeout, fetchTimeout) }

func (c *Client) maxListing() int64 {
	if c.MaxListing > 0 {
		return c.MaxListing
	}
	return maxListing
}

func orDuration(set, otherwise time.Duration) time.Duration {
	if set > 0 {
		return set
	}
	return otherwise
}

// program finds the git program as an absolute path.
func (c *Client) program() (string, error) {
	name := c.Git
	if name == "" {
		name = "git"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", clients.Fail(clients.Permanent, "git", fmt.Errorf("install git on the worker: %w", err))
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return "", clients.Fail(clients.Permanent, "git", err)
	}
	return path, nil
}

// permanent is a refusal with a text for people.
func permanent(op, format string, args ...any) error {
	return clients.Fail(clients.Permanent, op, fmt.Errorf(format, args...))
}

// transient is a failure that may be gone at the next try.
func transient(op, format string, args ...any) error {
	return clients.Fail(clients.Transient, op, fmt.Errorf(format, args...))
}

// stopped tells an own time-out or a cancelled caller from a failure of the
// other side. It returns nil while ctx is alive.
func stopped(ctx context.Context, op string) error {
	if ctx.Err() == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return transient(op, "no answer in time: %w", ctx.Err())
	}
	return transient(op, "stopped: %w", ctx.Err())
}
