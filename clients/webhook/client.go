// Package webhook tells addresses outside what happened: one signed POST, as
// Standard Webhooks has it (https://www.standardwebhooks.com). It knows nothing
// of what is in a message, and neither retries nor stores; jobs calls it.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"drover/clients"
)

const (
	op = "webhook send"
	// SecretHead begins every secret; base64 of its bytes follows.
	SecretHead = "whsec_"
	// AnswerBytes is how much of an answer is read.
	AnswerBytes = 4 << 10
	timeout     = 10 * time.Second
	longestStay = time.Hour // of what Retry-After may ask, before others bound it
)

// Client sends. Its zero value reaches public addresses over https alone.
type Client struct {
	AllowPrivate bool           // private networks, and http to this machine
	Agent        string         // as in "drover/1.0"
	Roots        *x509.CertPool // nil: those of the system
	Timeout      time.Duration  // of one message with its answer; 0 for 10 s
}

// Message is one POST.
type Message struct {
	URL     string
	ID      string // the same for each try
	At      time.Time
	Body    []byte   // JSON
	Secrets []string // each signs
}

// Answer is what the other side said.
type Answer struct {
	Status int    // 0 without an answer
	Text   string // the first 4 KiB
	Took   time.Duration
}

// Send sends a message once. Anything but a 2xx is an error: Transient, with
// After if the other side asked to wait; Permanent where the address may not be
// called. Redirects are not followed. No error repeats the address.
func (c Client) Send(ctx context.Context, m Message) (a Answer, err error) {
	if err := clients.Outside(ctx); err != nil {
		return a, err
	}
	started := time.Now()
	defer func() { a.Took = time.Since(started) }()
	ctx, cancel := context.WithTimeout(ctx, c.patience())
	defer cancel()
	request, err := c.request(ctx, m)
	if err != nil {
		return a, err
	}
	transport := c.transport(request.URL.Scheme == "http")
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return a, failed(err)
	}
	a.Status = response.StatusCode
	text, err := io.ReadAll(io.LimitReader(response.Body, AnswerBytes))
	a.Text = strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
	err = errors.Join(err, response.Body.Close())
	switch {
	case a.Status/100 == 3:
		return a, clients.Fail(clients.Transient, op, fmt.Errorf("answered %d: redirects are not followed: give the address that it leads to", a.Status))
	case a.Status/100 != 2:
		return a, &clients.Error{Op: op, Class: clients.Transient, After: retryAfter(response.Header.Get("Retry-After")), Err: fmt.Errorf("answered %d", a.Status)}
	}
	if err != nil && ctx.Err() != nil { // it took it, and said so; the rest of what it says is not needed
		err = nil
	}
	if err != nil {
		return a, clients.Fail(clients.Transient, op, fmt.Errorf("the answer broke off: %w", err))
	}
	return a, nil
}

func (c Client) patience() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return timeout
}

func (c Client) request(ctx context.Context, m Message) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, clients.Fail(clients.Permanent, op, errors.New("this is not a well-formed address"))
	}
	if request.URL.Scheme != "https" && !(c.AllowPrivate && request.URL.Scheme == "http") {
		return nil, clients.Fail(clients.Permanent, op, errors.New("only https is called"))
	}
	signatures, err := sign(m)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", c.Agent)
	request.Header.Set("webhook-id", m.ID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(m.At.Unix(), 10))
	request.Header.Set("webhook-signature", signatures)
	return request, nil
}

// sign is the header: "v1,<base64 of HMAC-SHA256>" for each secret.
func sign(m Message) (string, error) {
	signatures := make([]string, len(m.Secrets))
	for i, secret := range m.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, SecretHead))
		if err != nil || len(key) == 0 {
			return "", clients.Fail(clients.Permanent, op, errors.New("a secret is no base64"))
		}
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%d.", m.ID, m.At.Unix()) // a hash never fails
		_, _ = mac.Write(m.Body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " "), nil
}

// transport is one for each message, without a proxy: one message to an address
// every now and then needs no kept connection.
func (c Client) transport(plain bool) *http.Transport {
	dialer := net.Dialer{Timeout: c.patience(), ControlContext: c.control(plain)}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: c.patience(), ResponseHeaderTimeout: c.patience(),
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10, TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
	}
}

// control refuses an address as it is connected to, so that a name that leads
// elsewhere meanwhile helps nobody. What is not encrypted stays on this machine.
func (c Client) control(plain bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if plain && !to.Addr().Unmap().IsLoopback() {
			return fmt.Errorf("only this machine is called without https: %w", clients.ErrPrivate)
		}
		return c.allowed(to.Addr())
	}
}

func (c Client) allowed(to netip.Addr) error {
	what, never := clients.JudgeAddress(to)
	switch {
	case what == "" || c.AllowPrivate && !never:
		return nil
	case never:
		return fmt.Errorf("it leads to %s (%s), which is never called: %w", what, to, clients.ErrPrivate)
	}
	return fmt.Errorf("it leads to %s (%s); if this is meant, the operator sets DROVER_ALLOW_PRIVATE_REMOTES: %w", what, to, clients.ErrPrivate)
}

// failed classes what came instead of an answer. A url.Error repeats the
// address, which may be a secret, so only its cause is told.
func failed(err error) error {
	var wrapped interface{ Unwrap() error }
	if errors.As(err, &wrapped) && wrapped.Unwrap() != nil {
		err = wrapped.Unwrap()
	}
	var slow net.Error
	switch {
	case errors.Is(err, clients.ErrPrivate):
		return clients.Fail(clients.Permanent, op, err)
	case errors.As(err, &slow) && slow.Timeout():
		return clients.Fail(clients.Unknown, op, errors.New("no answer in time"))
	}
	return clients.Fail(clients.Unknown, op, err)
}

// retryAfter reads seconds; a date is as good as nothing.
func retryAfter(text string) time.Duration {
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds), longestStay/time.Second) * time.Second
}
