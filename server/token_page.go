package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	tokensMost     = 50 // of one person
	tokenDays      = 90 // unless said otherwise
	tokenDaysMost  = 365
	tokenNameBytes = 100
)

// tokenRow is a token as pages and programs see it.
func tokenRow(t models.APIToken) page.Token {
	return page.Token{ID: t.ID, Name: t.Name, Scopes: models.Lines(t.Scopes), Made: t.CreatedAt, Used: t.UsedAt, Ends: t.ExpiresAt}
}

// makeToken makes a token of the person who asks. What is answered is the only
// place where it ever stands.
func makeToken(v *visit) error {
	if v.by.user == 0 {
		return failure{status: http.StatusConflict, title: "Not made", text: "A token belongs to a person: sign in as one. The token of the start needs no other."}
	}
	w, err := v.body()
	if err != nil {
		return err
	}
	form, errs := readTokenForm(w)
	if len(errs) > 0 {
		return v.refuseToken(form, errs)
	}
	days, _ := strconv.Atoi(form.Days) // was read before
	secret, hash := newToken()
	made := models.APIToken{
		UserID: v.by.user, Name: form.Name, Hash: hash, Scopes: strings.Join(form.Scopes, "\n"), ExpiresAt: v.now.AddDate(0, 0, days),
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		has, err := tx.TokensOf(v.by.user, tokensMost)
		if err != nil {
			return err
		}
		if len(has) >= tokensMost {
			return failure{status: http.StatusConflict, title: "Not made", text: fmt.Sprintf("You have %d tokens, which are the most: end one first.", tokensMost)}
		}
		if made, err = tx.AddToken(made); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "made the token " + made.Name, ObjectKind: "user", ObjectID: v.by.user, After: strings.Join(form.Scopes, ", ")})
	})
	if errors.Is(err, models.ErrDuplicate) {
		return v.refuseToken(form, ui.Errors{{Field: "name", Text: "You have a token of this name: end it first, or choose another name."}})
	}
	if err != nil {
		return err
	}
	return v.showMade(page.MadeToken{Token: tokenRow(made), Secret: secret})
}

// readTokenForm reads what a new token shall be, and what is wrong with it.
func readTokenForm(w values) (page.TokenForm, ui.Errors) {
	form := page.TokenForm{Name: strings.TrimSpace(w.get("name")), Days: strings.TrimSpace(w.get("days"))}
	var errs ui.Errors
	wrong := func(field, text string) { errs = append(errs, ui.FieldError{Field: field, Text: text}) }
	if form.Name == "" || plain(form.Name) != form.Name || len(form.Name) > tokenNameBytes {
		wrong("name", "Give it a name: one line of at most 100 letters, such as what uses it.")
	}
	for _, given := range w["scopes"] {
		scope, known := permission.ScopeNamed(strings.TrimSpace(given))
		if !known {
			wrong("scopes", fmt.Sprintf("There is no scope %q.", given))
		} else if !slices.Contains(form.Scopes, string(scope.Scope)) {
			form.Scopes = append(form.Scopes, string(scope.Scope))
		}
	}
	if len(form.Scopes) == 0 && len(errs) == 0 {
		wrong("scopes", "Choose at least one scope.")
	}
	if form.Days == "" {
		form.Days = strconv.Itoa(tokenDays)
	}
	if days, err := strconv.Atoi(form.Days); err != nil || days < 1 || days > tokenDaysMost {
		wrong("days", fmt.Sprintf("A token lasts from 1 to %d days.", tokenDaysMost))
	}
	return form, errs
}

// refuseToken gives the form back with what was typed.
func (v *visit) refuseToken(form page.TokenForm, errs ui.Errors) error {
	if v.format == "json" {
		return failure{status: http.StatusUnprocessableEntity, title: "Not made", text: "Some fields need another value.", fields: errs}
	}
	data, err := v.settings()
	if err != nil {
		return err
	}
	p := v.mePage(data, errs)
	p.Token = form
	return v.html(http.StatusUnprocessableEntity, p)
}

// showMade shows a new token, once.
func (v *visit) showMade(made page.MadeToken) error {
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	if v.format == "json" {
		return v.json(http.StatusCreated, map[string]any{"data": made, "links": v.linksOf(route.Me())})
	}
	f := v.frame("New token", route.Me(), ui.Crumb{Text: "Settings", URL: route.Me()}, ui.Crumb{Text: "New token"})
	f.Active, f.Formats = "me", nil
	return v.html(http.StatusCreated, page.NewToken{Frame: f, Data: made, Try: v.absolute("/trees.json")})
}

// noSuchToken is said of tokens of others, too.
const noSuchToken = "It was ended already, or it is not yours."

// endToken ends one of one's own tokens.
func endToken(v *visit) error {
	fields, err := v.fields("token")
	if err != nil {
		return err
	}
	number, err := id.Parse(fields["token"])
	if err != nil || v.by.user == 0 {
		return notFound("No such token", noSuchToken)
	}
	if err := v.dropToken(v.by.user, number); err != nil {
		return orMissing(err, "No such token", noSuchToken)
	}
	return v.done("token-ended", route.Me())
}

// dropToken ends a token; owner 0 is that of anybody.
func (v *visit) dropToken(owner, token id.ID) error {
	return v.Store.Tx(v.context(), func(tx *models.Tx) error {
		t, err := tx.EndToken(owner, token)
		if err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "ended the token " + t.Name, ObjectKind: "user", ObjectID: t.UserID, Before: strings.Join(models.Lines(t.Scopes), ", ")})
	})
}

// tokenList are those of everybody, for administrators.
func tokenList(v *visit) error {
	l, err := v.listing(route.Tokens(), nil, filter{name: "q", label: "Name or person"})
	if err != nil {
		return err
	}
	f := models.TokenFilter{Text: l.get("q")}
	lines, e, err := v.q.ListTokens(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountTokens(f)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(t models.TokenLine) models.Key { return models.Key{ID: t.ID} })
	l.show(len(lines), total, e, first, last)
	rows := make([]page.TokenRow, len(lines))
	for i, t := range lines {
		rows[i] = page.TokenRow{Token: tokenRow(t.APIToken), Person: t.Person, User: t.UserID}
	}
	p := page.Tokens{Frame: v.frame("Tokens", l.self(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Tokens"}), Tabs: adminTabs("tokens"), Data: rows, ListParts: l.parts()}
	p.Active = "admin"
	return v.list(p, rows, rows, l)
}

// tokenAction is what administrators do to a token of anybody.
func tokenAction(v *visit) error {
	number, err := v.id("token")
	if err != nil {
		return err
	}
	if err := v.dropToken(0, number); err != nil {
		return orMissing(err, "No such token", "It was ended already.")
	}
	return v.done("token-ended", route.Tokens())
}
