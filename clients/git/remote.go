package git

import (
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL is longer than any URL in MAINTAINERS by an order of magnitude.
const maxURL = 2000

var (
	helperForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+.-]*::`)
	hostForm     = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)
	numberedHost = regexp.MustCompile(`(^|\.)(0x[0-9a-f]*|[0-9]+)$`)
	userForm     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)
)

// parseRemote reads one of the accepted forms. It says nothing about
// addresses. No error repeats the input, which may hold a password.
func parseRemote(raw string) (Target, error) {
	switch {
	case raw == "":
		return Target{}, permanent(opCheck, "the URL is empty")
	case len(raw) > maxURL:
		return Target{}, permanent(opCheck, "the URL is longer than %d characters", maxURL)
	case !printable(raw):
		return Target{}, permanent(opCheck, "the URL contains spaces or control characters: remove them")
	case strings.HasPrefix(raw, "-"):
		return Target{}, permanent(opCheck, "the URL starts with a dash")
	case strings.Contains(raw, `\`):
		return Target{}, permanent(opCheck, "the URL contains a backslash: write /")
	case helperForm.MatchString(raw):
		return Target{}, permanent(opCheck, "helpers such as ext:: are not accepted; give an https URL")
	case strings.HasPrefix(raw, "/"):
		return localTarget(raw)
	}
	if scheme, rest, found := strings.Cut(raw, "://"); found {
		return schemeTarget(strings.ToLower(scheme), rest)
	}
	return scpTarget(raw)
}

// printable refuses what would break a line, a terminal or an argument.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == ' ' || !unicode.IsPrint(r)
	})
}

// localTarget is an absolute path of the server.
func localTarget(raw string) (Target, error) {
	if path.Clean(raw) == "/" || hasDots(raw) {
		return Target{}, permanent(opCheck, "give the absolute path of a repository, without . or ..")
	}
	return Target{Scheme: schemeLocal, Path: path.Clean(raw)}.withURL(), nil
}

func schemeTarget(scheme, rest string) (Target, error) {
	switch scheme {
	case schemeHTTPS, schemeHTTP, schemeSSH, schemeGit:
	case schemeLocal:
		if !strings.HasPrefix(rest, "/") {
			return Target{}, permanent(opCheck, "a file URL has three slashes: file:///path/of/repository.git")
		}
		return fileTarget(rest)
	case "git+ssh", "ssh+git":
		return Target{}, permanent(opCheck, "write ssh:// instead of %s://", scheme)
	default:
		return Target{}, permanent(opCheck, "accepted are https://, ssh:// (or user@host:path) and git://")
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		return Target{}, permanent(opCheck, "this is not a well-formed URL") // err repeats the URL
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(rest, "#") {
		return Target{}, permanent(opCheck, "the URL of a repository ends before ? and #: remove the rest")
	}
	t := Target{Scheme: scheme}
	if t.User, err = userOf(u, scheme); err != nil {
		return Target{}, err
	}
	if t.Host, err = cleanHost(u.Hostname()); err != nil {
		return Target{}, err
	}
	if t.Port, err = portOf(u, scheme); err != nil {
		return Target{}, err
	}
	if t.Path, err = cleanPath(u); err != nil {
		return Target{}, err
	}
	if t.Scheme == schemeGit && t.Host == "git.kernel.org" {
		// kernel.org asks for https, and MAINTAINERS lists the old form.
		t.Scheme, t.Port = schemeHTTPS, defaultPorts[schemeHTTPS]
	}
	return t.withURL(), nil
}

func fileTarget(rest string) (Target, error) {
	decoded, err := url.PathUnescape(rest)
	if err != nil || !printable(decoded) {
		return Target{}, permanent(opCheck, "the path contains spaces, control characters or a broken %% code")
	}
	return localTarget(decoded)
}

func userOf(u *url.URL, scheme string) (string, error) {
	if u.User == nil {
		return "", nil
	}
	_, hasPassword := u.User.Password()
	if scheme != schemeSSH || hasPassword {
		return "", permanent(opCheck, "the URL contains a user name or password: remove it, "+
			"and replace the password if others saw this URL")
	}
	if !userForm.MatchString(u.User.Username()) {
		return "", permanent(opCheck, "the ssh user may consist of letters, digits, dot, dash and underscore")
	}
	return u.User.Username(), nil
}

// cleanHost lowers and checks a name or address. A name whose last part is a
// number is an IPv4 address to curl and libc (127.1, 0x7f000001), under which
// a pin on the name would not hold: only the usual spelling is accepted.
func cleanHost(host string) (string, error) {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "" {
		return "", permanent(opCheck, "the URL names no host")
	}
	if address, err := netip.ParseAddr(host); err == nil {
		if address.Zone() != "" {
			return "", permanent(opCheck, "the address names a network card: leave out the part after %%")
		}
		return address.String(), nil
	}
	if len(host) > 253 || !hostForm.MatchString(host) {
		return "", permanent(opCheck, "the host may consist of letters, digits, dots and dashes (write other names as xn--…)")
	}
	if numberedHost.MatchString(host) {
		return "", permanent(opCheck, "write the address in full, as four numbers")
	}
	return host, nil
}

func portOf(u *url.URL, scheme string) (uint16, error) {
	if u.Port() == "" {
		return defaultPorts[scheme], nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return 0, permanent(opCheck, "the port must be between 1 and 65535")
	}
	return uint16(port), nil
}

func cleanPath(u *url.URL) (string, error) {
	if !printable(u.Path) {
		return "", permanent(opCheck, "the path contains spaces or control characters")
	}
	escaped := strings.TrimRight(u.EscapedPath(), "/")
	switch {
	case escaped == "":
		return "", permanent(opCheck, "the URL names a host but no repository")
	case hasDots(u.Path):
		return "", permanent(opCheck, "the path contains . or ..: write it directly")
	}
	return escaped, nil
}

func hasDots(p string) bool {
	for _, part := range strings.Split(p, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

// scpTarget reads user@host:path, which git takes for ssh.
func scpTarget(raw string) (Target, error) {
	login, rest := "", raw
	if at := strings.Index(raw, "@"); at >= 0 && !strings.ContainsAny(raw[:at], "/[") {
		login, rest = raw[:at], raw[at+1:]
		if strings.Contains(login, ":") {
			return Target{}, permanent(opCheck, "the URL contains a password: remove it, "+
				"and replace the password if others saw this URL")
		}
		if !userForm.MatchString(login) {
			return Target{}, permanent(opCheck, "the ssh user may consist of letters, digits, dot, dash and underscore")
		}
	}
	name, repository, found := scpCut(rest)
	if !found {
		return Target{}, permanent(opCheck, "this is no URL; accepted are https://, ssh:// (or user@host:path) and git://")
	}
	host, err := cleanHost(name)
	if err != nil {
		return Target{}, err
	}
	repository = strings.TrimRight(repository, "/")
	if repository == "" || strings.HasPrefix(repository, "-") || hasDots(repository) {
		return Target{}, permanent(opCheck, "after the colon comes the path of the repository, without . or ..")
	}
	if strings.HasPrefix(repository, "/") {
		repository = (&url.URL{Path: repository}).EscapedPath() // becomes an ssh:// URL, which git decodes
	}
	t := Target{Scheme: schemeSSH, User: login, Host: host, Port: defaultPorts[schemeSSH], Path: repository}
	return t.withURL(), nil
}

// scpCut splits host:path and [address]:path. A slash before the first colon
// makes it a relative path to git, which nobody can mean here.
func scpCut(s string) (host, repository string, found bool) {
	if strings.HasPrefix(s, "[") {
		inner, rest, ok := strings.Cut(s[1:], "]:")
		return inner, rest, ok && strings.Contains(inner, ":")
	}
	host, repository, found = strings.Cut(s, ":")
	return host, repository, found && !strings.Contains(host, "/")
}
