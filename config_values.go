package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/rules/permission"
)

// The kinds of values that settings have. Each error says what would be right.

func oneOf(v string, words ...string) error {
	if slices.Contains(words, v) {
		return nil
	}
	return fmt.Errorf("%q is none of %s", v, strings.Join(words, ", "))
}

func number(v string, least, most int, into *int) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return fmt.Errorf("%q is no number from %d to %d", v, least, most)
	}
	*into = n
	return nil
}

func boolean(v string, into *bool) error {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	*into = b
	return nil
}

// duration refuses what is shorter than a second, with the reason why.
func duration(v, tooShort string, into *time.Duration) error {
	d, err := time.ParseDuration(v)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no time such as 90s or 2m", v)
	case d < time.Second:
		return fmt.Errorf("%s: %s is too short, 1s is the least", tooShort, v)
	}
	*into = d
	return nil
}

func hostAndPort(v, example string) error {
	if _, port, err := net.SplitHostPort(v); err != nil || port == "" {
		return fmt.Errorf("%q is no host:port such as %s", v, example)
	}
	return nil
}

func mailbox(v string) error {
	if _, err := mail.ParseAddress(v); err != nil {
		return fmt.Errorf("%q is no mail address such as Drover <drover@ci.example.org>", v)
	}
	return nil
}

// scheme never prints the value: it may hold a password.
func scheme(v string, words ...string) error {
	name, _, ok := strings.Cut(v, "://")
	if !ok || !slices.Contains(words, name) {
		return fmt.Errorf("it must begin with %s://", words[0])
	}
	return nil
}

func httpAddress(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is no address of a site, such as https://ci.example.org", v)
	}
	return nil
}

// days reads how long something is kept: 0 is for good.
func days(v string, into *time.Duration) error {
	if v == "forever" {
		*into = 0
		return nil
	}
	text, ok := strings.CutSuffix(v, "d")
	n, err := strconv.Atoi(text)
	if !ok || err != nil || n < 1 || n > 36500 {
		return fmt.Errorf("%q is no number of days such as 30d, nor forever", v)
	}
	*into = time.Duration(n) * 24 * time.Hour
	return nil
}

// outlasts tells whether a is kept for longer than b.
func outlasts(a, b time.Duration) bool { return b != 0 && (a == 0 || a > b) }

// issuerAddress is the address of an identity provider: what it says is
// believed, so nobody may change it on the way.
func issuerAddress(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !secureAddress(v) {
		return fmt.Errorf("%q is no address of an identity provider, such as https://login.example.org: it needs https, except on a loopback address, and no query", v)
	}
	return nil
}

// secureAddress tells whether what is sent to an address stays secret: by
// https, or because it does not leave this machine.
func secureAddress(v string) bool {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" {
		return false
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(net.JoinHostPort(u.Hostname(), port))
}

func scopes(list []string) error {
	if !slices.Contains(list, "openid") {
		return errors.New("the scope openid must be among them")
	}
	return nil
}

// groupRoles reads "role=group, role=group": which roles come with a group.
func groupRoles(v string) (map[string][]permission.Role, error) {
	roles := map[string][]permission.Role{}
	for pair := range strings.SplitSeq(v, ",") {
		name, group, ok := strings.Cut(strings.TrimSpace(pair), "=")
		role, known := permission.RoleNamed(strings.TrimSpace(name))
		if group = strings.TrimSpace(group); !ok || group == "" || !known || role == permission.Owner {
			return nil, fmt.Errorf("%q is no role with a group, such as admin=ci-admins: roles are triager, operator, admin and gate-waiver", strings.TrimSpace(pair))
		}
		roles[group] = append(roles[group], role)
	}
	return roles, nil
}
