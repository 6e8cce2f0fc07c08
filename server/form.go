package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/views/ui"
)

// largestBody bounds what is sent to a form, in bytes.
const largestBody = 256 << 10

// values are what a form or a JSON object holds, by field; a list is one value
// for each element.
type values map[string][]string

func (w values) get(name string) string {
	if list := w[name]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// lines is a field of lines: given as one text, or as a list.
func (w values) lines(name string) string { return strings.Join(w[name], "\n") }

// isSet tells whether a tick was made.
func (w values) isSet(name string) bool {
	switch strings.ToLower(w.get(name)) {
	case "true", "1", "on", "yes":
		return true
	}
	return false
}

// body reads a form, or a JSON object with the same names.
func (v *visit) body() (values, error) { return v.bodyUpTo(largestBody) }

// bodyUpTo is body for a form that holds more than fields that people fill in.
// A file that a browser sends is a field, too.
func (v *visit) bodyUpTo(most int64) (values, error) {
	w, err := v.rawBody(most)
	if err != nil {
		return nil, err
	}
	return w.checked()
}

// rawBody is bodyUpTo before it was looked at whether all of it is text.
func (v *visit) rawBody(most int64) (values, error) {
	v.request.Body = http.MaxBytesReader(v.echo.Response(), v.request.Body, most)
	if isJSON(v.request) {
		return readJSON(v.request.Body)
	}
	parse := v.request.ParseForm
	if strings.HasPrefix(v.request.Header.Get("Content-Type"), "multipart/form-data") {
		parse = func() error { return v.request.ParseMultipartForm(most) }
	}
	if err := parse(); err != nil {
		return nil, bodyFailure(err)
	}
	w := values(v.request.PostForm)
	if v.request.MultipartForm != nil {
		if err := w.addFiles(v.request.MultipartForm.File); err != nil {
			return nil, bodyFailure(err)
		}
	}
	return w, nil
}

// addFiles puts what is in files behind the values of their field. One that
// nobody chose is empty, and none.
func (w values) addFiles(files map[string][]*multipart.FileHeader) error {
	for field, list := range files {
		for _, header := range list {
			f, err := header.Open()
			if err != nil {
				return err
			}
			content, err := io.ReadAll(f)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
			if len(content) > 0 {
				w[field] = append(w[field], string(content))
			}
		}
	}
	return nil
}

// checked refuses what is no text, which some databases would.
func (w values) checked() (values, error) {
	for name, list := range w {
		for _, value := range list {
			if !storable(value) {
				return nil, failure{status: http.StatusUnprocessableEntity, title: "The form could not be read", text: "A field holds characters that are no text.",
					fields: ui.Errors{{Field: name, Text: "this is no text"}}}
			}
		}
	}
	return w, nil
}

func bodyFailure(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failure{status: http.StatusRequestEntityTooLarge, title: "Too much", text: fmt.Sprintf("A form has at most %d bytes.", large.Limit)}
	}
	return failure{status: http.StatusBadRequest, title: "The form could not be read", text: err.Error() + "."}
}

func readJSON(r io.Reader) (values, error) {
	var object map[string]any
	if err := json.NewDecoder(r).Decode(&object); err != nil {
		return nil, bodyFailure(err)
	}
	w := values{}
	for name, value := range object {
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, one := range list {
			switch one := one.(type) {
			case nil:
			case string:
				w[name] = append(w[name], one)
			case bool, float64:
				w[name] = append(w[name], fmt.Sprint(one))
			default:
				return nil, failure{status: http.StatusUnprocessableEntity, title: "The form could not be read", text: "A field has an object in it.",
					fields: ui.Errors{{Field: name, Text: "give a text, a number, true or false, or a list of texts"}}}
			}
		}
	}
	return w, nil
}

// fields reads some fields of a form; other ones are left alone.
func (v *visit) fields(names ...string) (map[string]string, error) {
	w, err := v.body()
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for _, name := range names {
		fields[name] = strings.TrimSpace(w.get(name))
	}
	return fields, nil
}

// unknownFields names what programs sent and nobody reads; a browser's form is
// ours.
func (v *visit) unknownFields(w values, known ...string) error {
	if !isJSON(v.request) {
		return nil
	}
	var fields ui.Errors
	for name := range w {
		if !slices.Contains(known, name) {
			fields = append(fields, ui.FieldError{Field: name, Text: "there is no such field"})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return failure{status: http.StatusBadRequest, title: "Unknown field", text: "The fields are " + strings.Join(known, ", ") + ".", fields: fields}
}

// who names this person in the list of changes.
func (v *visit) who() string { return v.by.name }

// record notes a change with who made it.
func (v *visit) record(tx *models.Tx, a models.Audit) error {
	a.Who, a.UserID = v.who(), v.by.user
	if v.by.token != 0 {
		a.Who += " (token " + v.by.tokenName + ")"
	}
	return tx.Record(a)
}

// own makes who added an object its owner. The token owns nothing: it may do
// everything.
func (v *visit) own(tx *models.Tx, kind string, object id.ID) error {
	if v.by.user == 0 {
		return nil
	}
	return tx.Own(v.by.user, kind, object, v.who())
}
