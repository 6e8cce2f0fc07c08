package route

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"drover/rules/id"
)

// ShortCheckout is the permanent short link to a checkout.
func ShortCheckout(checkout id.ID) URL { return object("c", checkout) }

// ShortBuild is the permanent short link to a build.
func ShortBuild(build id.ID) URL { return object("b", build) }

// ShortBuildConfig is the kernel configuration of a build as text.
func ShortBuildConfig(build id.ID) URL { return object("b", build) + "/config" }

// ShortResult is the permanent short link to a result; with lines it leads to
// its main log at these lines.
func ShortResult(result id.ID, lines Lines) URL {
	return With(object("r", result), "l", lines.String())
}

// ShortMessage leads to the checkout that a Message-ID, given without its
// angle brackets, is about.
func ShortMessage(messageID string) URL { return URL("/m/" + segment(messageID)) }

// Base is the scheme and host under which people reach this site, without a
// slash at the end: "https://ci.example.org". Mails need it; pages do not.
type Base string

// ErrBase says that a text is not the address of a site.
var ErrBase = errors.New("not the address of a site: expected http(s)://host[:port][/prefix]")

// ParseBase reads the address of this site from the configuration.
func ParseBase(s string) (Base, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBase, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: %q", ErrBase, s)
	}
	return Base(u.String()), nil
}

// Absolute is u as somebody outside must write it.
func (b Base) Absolute(u URL) string { return string(b) + string(u) }

// Host is the name used in Message-IDs and List-Ids.
func (b Base) Host() string {
	u, err := url.Parse(string(b))
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Checkout is the absolute short link to a checkout.
func (b Base) Checkout(checkout id.ID) string { return b.Absolute(ShortCheckout(checkout)) }

// Build is the absolute short link to a build.
func (b Base) Build(build id.ID) string { return b.Absolute(ShortBuild(build)) }

// BuildConfig is the absolute link to a kernel configuration.
func (b Base) BuildConfig(build id.ID) string { return b.Absolute(ShortBuildConfig(build)) }

// Result is the absolute short link to a result, or to lines of its main log.
func (b Base) Result(result id.ID, lines Lines) string { return b.Absolute(ShortResult(result, lines)) }

// Unsubscribe is the absolute link that stops a kind of mail.
func (b Base) Unsubscribe(token string) string { return b.Absolute(Unsubscribe(token)) }
