package git

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"drover/clients"
)

// errPage is an answer meant for people: a wrong address, a sign-in page, or
// a proof of work in front of the server.
var errPage = errors.New("answered with a web page, not git: check the URL " +
	"(a page that keeps robots away looks the same, and may be gone later)")

type pinnedKey struct{}

// do sends one request over a connection to target's checked addresses.
// Redirects are not followed: they would lead to an unchecked one.
func (c *Client) do(request *http.Request, target Target) (*http.Response, error) {
	transport, err := c.pinnedTransport()
	if err != nil {
		return nil, err
	}
	request.Header.Set("Git-Protocol", "version=2")
	request.Header.Set("User-Agent", c.agent())
	request.Header.Set("Cache-Control", "no-cache")
	ctx := context.WithValue(request.Context(), pinnedKey{}, target)
	return transport.RoundTrip(request.WithContext(ctx))
}

// pinnedTransport has no proxy, no redirects and no resolver: it knows only
// the addresses that the request brings. Connections are kept and reused for
// the same host and port; they were checked when they were made.
func (c *Client) pinnedTransport() (*http.Transport, error) {
	c.once.Do(func() {
		roots, err := c.authorities()
		c.transportErr = err
		c.transport = &http.Transport{
			DialContext:            c.dialPinned,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    15 * time.Second,
			ResponseHeaderTimeout:  45 * time.Second,
			ForceAttemptHTTP2:      true,
			MaxConnsPerHost:        4, // kernel.org asks for few
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		}
	})
	return c.transport, c.transportErr
}

// authorities are the system's and those of CAFile; nil means the system's.
func (c *Client) authorities() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, permanent(opList, "read the authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, permanent(opList, "%s holds no certificate", c.CAFile)
	}
	return pool, nil
}

func (c *Client) dialPinned(ctx context.Context, _, address string) (net.Conn, error) {
	target, pinned := ctx.Value(pinnedKey{}).(Target)
	if !pinned || address != net.JoinHostPort(target.Host, strconv.Itoa(int(target.Port))) {
		return nil, fmt.Errorf("%s was not checked", address)
	}
	connection, _, err := c.dialFirst(ctx, target)
	return connection, err
}

// dialFirst connects to the first address that answers, since one of two
// protocols is often not routed.
func (c *Client) dialFirst(ctx context.Context, target Target) (net.Conn, netip.Addr, error) {
	var failures []error
	for _, address := range target.addresses {
		connection, err := c.connect(ctx, netip.AddrPortFrom(address, target.Port))
		if err == nil {
			return connection, address, nil
		}
		failures = append(failures, err)
	}
	return nil, netip.Addr{}, errors.Join(failures...)
}

// finish takes what may stand behind the flush, so that the connection can be
// used again. A server that keeps it open loses it after a second.
func finish(response *http.Response) {
	const trailing = 4 << 10
	late := time.AfterFunc(time.Second, func() { response.Body.Close() })
	_, _ = io.CopyN(io.Discard, response.Body, trailing) // the answer is complete: nothing can fail any more
	late.Stop()
	response.Body.Close()
}

// statusError classes every status but 200.
func statusError(response *http.Response) error {
	code := response.StatusCode
	switch {
	case code/100 == 3:
		return movedError(response)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return clients.Fail(clients.Auth, opList, fmt.Errorf(
			"the server wants a login (%s): the repository is private, or its name is wrong", response.Status))
	case code == http.StatusNotFound || code == http.StatusGone:
		return permanent(opList, "no such repository (%s); one that is being moved can be away for minutes", response.Status)
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return &clients.Error{Op: opList, Class: clients.Transient, After: retryAfter(response.Header),
			Err: fmt.Errorf("the server answered %s", response.Status)}
	}
	return permanent(opList, "the server answered %s", response.Status)
}

// retryAfter reads seconds or a date; a date counts from the server's own
// clock. At most a day is believed.
func retryAfter(header http.Header) time.Duration {
	const most = 24 * time.Hour
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), most)
}

// movedError names the new URL, cleaned of what does not belong into one.
func movedError(response *http.Response) error {
	to, err := response.Location()
	if err != nil {
		return permanent(opList, "the server redirects (%s) without saying where to", response.Status)
	}
	clean := url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}
	path, isRepository := strings.CutSuffix(to.Path, "/info/refs")
	if !isRepository {
		path, isRepository = strings.CutSuffix(to.Path, "/git-upload-pack")
	}
	if !isRepository {
		return permanent(opList, "the server redirects to %s, which is not a repository; is the URL right, "+
			"and is the repository public?", oneLine(clean.String()))
	}
	clean.Path = path
	return permanent(opList, "the repository moved to %s: change the URL", oneLine(clean.String()))
}

func hasType(response *http.Response, want string) bool {
	kind, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), want)
}

// isPage recognises HTML by its declared type or its first character.
func isPage(response *http.Response, body []byte) bool {
	return hasType(response, "text/html") || hasType(response, "application/xhtml+xml") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// listError classes what has no class yet and names the remote.
func listError(ctx context.Context, target Target, err error) error {
	var classed *clients.Error
	var said remoteError
	switch {
	case errors.As(err, &classed):
		return &clients.Error{Op: opList, Class: classed.Class, After: classed.After,
			Err: fmt.Errorf("%s: %w", target.URL, classed.Err)}
	case stopped(ctx, opList) != nil:
		return transient(opList, "%s: %w: %w", target.URL, ctx.Err(), err)
	case errors.As(err, &said):
		return clients.Fail(classOfText(string(said)), opList, fmt.Errorf("%s: %w", target.URL, err))
	}
	return transient(opList, "%s: %w", target.URL, err)
}
