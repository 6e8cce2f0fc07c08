package server

import (
	"errors"
	"net/http"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

// shortCheckout and the others are the permanent short links of mails and
// badges; each leads to the long form.
func shortCheckout(v *visit) error { return v.expand("checkout", route.Checkout) }

func shortBuild(v *visit) error { return v.expand("build", route.Build) }

func shortConfig(v *visit) error {
	return v.expand("build", func(b id.ID) route.URL { return route.BuildFile(b, "config") })
}

func shortResult(v *visit) error {
	lines := route.ParseLines(v.query.Get("l"))
	return v.expand("result", func(r id.ID) route.URL {
		if lines.First == 0 {
			return route.Result(r)
		}
		return route.ResultLog(r, jobs.TestLog, lines)
	})
}

// expand sends the client to the long form, if the object is there: a link
// that leads nowhere must not be remembered for good.
func (v *visit) expand(what string, long func(id.ID) route.URL) error {
	number, err := v.id(what)
	if err != nil {
		return err
	}
	switch what {
	case "checkout":
		_, err = v.q.Checkout(number)
	case "build":
		_, err = v.q.Build(number)
	default:
		_, err = v.q.Result(number)
	}
	if err != nil {
		return orMissing(err, "No such "+what, "No "+what+" is called "+v.names["id"]+".")
	}
	return v.redirect(http.StatusMovedPermanently, long(number))
}

// shortMessage leads from a Message-ID to the checkout that the mail is about:
// its own name is in it (rules/notice.MessageID).
func shortMessage(v *visit) error {
	missing := notFound("No such mail", "No mail with this Message-ID was written here.")
	message := strings.Trim(v.names["message"], "<>")
	parts := strings.Split(message, ".")
	if len(parts) < 3 || parts[0] != "checkout" {
		return missing
	}
	number, err := id.Parse(parts[1])
	if err != nil {
		return missing
	}
	written, err := v.q.MailsNamed(number, message)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	if len(written) == 0 {
		return missing
	}
	return v.redirect(http.StatusMovedPermanently, route.Checkout(number))
}
