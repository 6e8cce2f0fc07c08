package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"drover/clients"
)

const opList = "git ls-refs"

// maxPrefixes is how many prefixes are sent; with more, all refs are asked
// for, as a server would do by itself.
const maxPrefixes = 200

// errUnexpected is an answer to ls-refs that may only mean "not like this":
// after the direct one the discovery comes next.
var errUnexpected = errors.New("no answer to ls-refs")

// LsRefs lists the refs of a remote that start with one of prefixes (all with
// none), by one small request where the server is a usual one. All trees of a
// remote share the call. A Listing is complete, or there is an error:
//
//   - Auth: 401, 403; Permanent: no such repository, moved, not allowed
//   - Transient: network, time-out, 429 and 5xx (with After), a cut off or
//     malformed answer, a web page, too large an answer
//
// Mirrors of kernel.org lag each other: a ref may move back for a minute.
func (c *Client) LsRefs(ctx context.Context, target Target, prefixes []string) (Listing, error) {
	if err := clients.Outside(ctx); err != nil {
		return Listing{}, err
	}
	if !target.Checked() {
		return Listing{}, permanent(opList, "the remote was not checked")
	}
	for _, prefix := range prefixes {
		if !isPrefix(prefix) {
			return Listing{}, permanent(opList, "%q is no beginning of a ref name", shorten(prefix))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.listTimeout())
	defer cancel()
	var refs *gathering
	var err error
	switch target.Scheme {
	case schemeHTTPS, schemeHTTP:
		refs, err = c.listHTTP(ctx, target, prefixes)
	default:
		refs, err = c.listByGit(ctx, target)
	}
	if err != nil {
		return Listing{}, listError(ctx, target, err)
	}
	return refs.listing(prefixes), nil
}

// isPrefix says whether s can begin a ref: refs/heads/, refs/heads/for-.
func isPrefix(s string) bool {
	return strings.HasPrefix(s, "refs/") && isRef(s+"x")
}

// listHTTP tries the direct way, then the discovery.
func (c *Client) listHTTP(ctx context.Context, target Target, prefixes []string) (*gathering, error) {
	refs, err := c.postRefs(ctx, target, lsRefsRequest(prefixes, nil))
	if errors.Is(err, errUnexpected) {
		refs, err = c.discover(ctx, target, prefixes)
	}
	if err != nil || len(prefixes) == 0 || refs.seen() > 0 {
		return refs, err
	}
	// Nothing matched, not even HEAD. Whether the repository is empty or HEAD
	// names a branch that is not there, only the unfiltered list tells.
	return c.discover(ctx, target, nil)
}

// lsRefsRequest is the body of the v2 command. Capabilities are named only if
// advertised, and none are known before the discovery.
func lsRefsRequest(prefixes []string, advertised map[string]string) []byte {
	body := appendPacket(nil, "command=ls-refs")
	if format, known := advertised["object-format"]; known {
		body = appendPacket(body, "object-format="+format)
	}
	body = append(body, "0001"...)
	body = appendPacket(body, "peel")
	body = appendPacket(body, "symrefs")
	if strings.Contains(advertised["ls-refs"], "unborn") {
		body = appendPacket(body, "unborn")
	}
	if len(prefixes) > 0 && len(prefixes) <= maxPrefixes {
		body = appendPacket(body, "ref-prefix HEAD")
		for _, prefix := range prefixes {
			body = appendPacket(body, "ref-prefix "+prefix)
		}
	}
	return append(body, "0000"...)
}

// postRefs sends ls-refs. Any answer that a server without v2, or one that
// wants the discovery first, might give becomes errUnexpected.
func (c *Client) postRefs(ctx context.Context, target Target, body []byte) (*gathering, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL+"/git-upload-pack", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-git-upload-pack-request")
	request.Header.Set("Accept", "application/x-git-upload-pack-result")
	response, err := c.do(request, target)
	if err != nil {
		return nil, err
	}
	defer finish(response)
	switch {
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode == http.StatusServiceUnavailable,
		response.StatusCode/100 == 3:
		return nil, statusError(response)
	case response.StatusCode != http.StatusOK, !hasType(response, "application/x-git-upload-pack-result"):
		return nil, fmt.Errorf("%w: %s", errUnexpected, response.Status)
	}
	refs, err := readV2Refs(c.bounded(response.Body))
	var said remoteError
	// git without v2 takes the request for a broken one of v0 and hangs up
	// before the first packet.
	hungUp := errors.Is(err, io.ErrUnexpectedEOF) && refs.seen() == 0
	if errors.As(err, &said) || errors.Is(err, errMalformed) || hungUp {
		return nil, fmt.Errorf("%w: %w", errUnexpected, err)
	}
	return refs, err
}

// discover asks the server what it speaks and follows.
func (c *Client) discover(ctx context.Context, target Target, prefixes []string) (*gathering, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		target.URL+"/info/refs?service=git-upload-pack", nil)
	if err != nil {
		return nil, err
	}
	response, err := c.do(request, target)
	if err != nil {
		return nil, err
	}
	defer finish(response)
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response)
	}
	if !hasType(response, "application/x-git-upload-pack-advertisement") {
		return c.dumb(ctx, target, response)
	}
	found, err := readAdvertisement(c.bounded(response.Body))
	if err != nil || !found.v2 {
		return found.refs, err
	}
	refs, err := c.postRefs(ctx, target, lsRefsRequest(prefixes, found.capabilities))
	if errors.Is(err, errUnexpected) {
		return nil, fmt.Errorf("the server offers protocol v2 but refuses it: %w", err)
	}
	return refs, err
}

// dumb reads the file that git update-server-info makes, or recognises that
// the answer is something else.
func (c *Client) dumb(ctx context.Context, target Target, response *http.Response) (*gathering, error) {
	body, err := io.ReadAll(c.bounded(response.Body))
	if err != nil {
		return nil, cutOff(err)
	}
	if isPage(response, body) {
		return nil, errPage
	}
	refs, err := readTabbed(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	refs.head, err = c.dumbHead(ctx, target)
	return refs, err
}

// dumbHead reads the default branch of a dumb server; "" where it hides it.
func (c *Client) dumbHead(ctx context.Context, target Target) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.URL+"/HEAD", nil)
	if err != nil {
		return "", err
	}
	response, err := c.do(request, target)
	if err != nil {
		return "", err
	}
	defer finish(response)
	if response.StatusCode != http.StatusOK {
		return "", nil
	}
	body, err := io.ReadAll(&boundedReader{response.Body, 2000})
	if err != nil {
		return "", cutOff(err)
	}
	name, found := strings.CutPrefix(strings.TrimSpace(string(body)), "ref: ")
	if !found || !isRef(name) {
		return "", nil
	}
	return name, nil
}

func (c *Client) bounded(r io.Reader) io.Reader { return &boundedReader{r, c.maxListing()} }

// listByGit lets the git program ask, for ssh, git:// and local paths. It
// transfers the whole list, since patterns filter here and not there.
func (c *Client) listByGit(ctx context.Context, target Target) (*gathering, error) {
	outside, err := c.outside(ctx, target)
	if err != nil {
		return nil, err
	}
	out, err := c.run(ctx, opList, command{
		args:  append(outside.config, "ls-remote", "--symref", "--quiet", "--end-of-options", outside.url),
		env:   outside.env,
		limit: c.maxListing(),
	})
	if err != nil {
		return nil, err
	}
	if out.cut {
		return nil, errTooLarge
	}
	return readTabbed(bytes.NewReader(out.stdout))
}
