package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drover/models"
)

const (
	keyHeader     = "Idempotency-Key"
	keyLongest    = 255             // bytes
	answerLongest = 64 << 10        // of a body that is kept
	keepPatience  = 5 * time.Second // to store an answer, also when the client went away
)

// keyOwner is whose keys these are: of one token, of one person in their
// browsers, or of whoever has the token of the start.
func (p person) keyOwner() string {
	switch {
	case p.token != 0:
		return "token " + p.token.String()
	case p.user != 0:
		return "person " + p.user.String()
	}
	return "start"
}

// once answers a request that changes something. Under a key of its sender it is
// done once: the same request again gets the same answer.
func (v *visit) once() error {
	name := v.request.Header.Get(keyHeader)
	if name == "" || v.row.method != http.MethodPost || !v.signedIn {
		return v.answer()
	}
	if len(name) > keyLongest || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
		return failure{status: http.StatusBadRequest, title: "Not a key", text: fmt.Sprintf("An %s is at most %d printable ASCII characters.", keyHeader, keyLongest)}
	}
	digest, err := v.digest()
	if err != nil {
		return err
	}
	var k models.KeyedRequest
	var fresh bool
	err = v.Store.Tx(v.context(), func(tx *models.Tx) (err error) {
		k, fresh, err = tx.TakeKey(v.by.keyOwner(), name, digest)
		return err
	})
	switch {
	case err != nil:
		return v.keyRefused(k, err)
	case !fresh:
		return v.answerAgain(k)
	}
	return v.underKey(k)
}

// digest names a request: what is asked for where, and its body, which can be
// read again afterwards. Its handler knows how much it takes; the largest are
// files of definitions.
func (v *visit) digest() (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(v.echo.Response(), v.request.Body, mostOfFiles))
	if err != nil {
		return "", bodyFailure(err)
	}
	v.request.Body = io.NopCloser(bytes.NewReader(body))
	h := sha256.New()
	// A hash never fails.
	_, _ = fmt.Fprintf(h, "%s %q %q\n", v.request.Method, v.request.URL.RequestURI(), v.request.Header.Get("Content-Type"))
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keyRefused says why a request is not begun.
func (v *visit) keyRefused(k models.KeyedRequest, err error) error {
	switch {
	case errors.Is(err, models.ErrOtherRequest):
		return failure{status: http.StatusUnprocessableEntity, title: "The key stands for another request",
			text: fmt.Sprintf("Under this %s something else was asked for in the last %.0f hours. Give each request a key of its own, and the same one only to its repetition.", keyHeader, models.KeyKept.Hours())}
	case errors.Is(err, models.ErrStillRuns):
		wait := int(math.Ceil(k.ClaimedUntil.Sub(v.now).Seconds()))
		v.echo.Response().Header().Set("Retry-After", strconv.Itoa(max(1, min(wait, 2))))
		return failure{status: http.StatusConflict, title: "The request still runs", text: "The same request is being answered. Ask again in a moment, with the same key."}
	case errors.Is(err, models.ErrActed):
		return failure{status: http.StatusConflict, title: "Done already", text: "What this request asks for was done. Its answer was not kept: it was too large, held a secret, or was lost. Look at the object."}
	case errors.Is(err, models.ErrManyKeys):
		v.echo.Response().Header().Set("Retry-After", "3600")
		return failure{status: http.StatusTooManyRequests, title: "Too many keys", text: fmt.Sprintf("A key is kept for %.0f hours, and so many at a time are too many.", models.KeyKept.Hours())}
	}
	return err
}

// answerAgain gives the answer that was given before.
func (v *visit) answerAgain(k models.KeyedRequest) error {
	header := v.echo.Response().Header()
	header.Set("Idempotent-Replayed", "true")
	header.Set("Cache-Control", "private, no-cache")
	if k.Location != "" {
		header.Set("Location", k.Location)
	}
	if k.Kind == "" {
		return v.echo.NoContent(k.Status)
	}
	return v.echo.Blob(k.Status, k.Kind, k.Body)
}

// underKey answers a request that is new under its key. The answer is kept
// before it is sent, so that whoever got it can ask again.
func (v *visit) underKey(k models.KeyedRequest) error {
	v.request = v.request.WithContext(models.UnderKey(v.context(), k))
	v.request.Header.Del("Accept-Encoding") // another client may want it plain
	v.echo.SetRequest(v.request)
	response := v.echo.Response()
	held := &heldAnswer{ResponseWriter: response.Writer, status: http.StatusOK}
	response.Writer = held
	err := recovered(func(echo.Context) error { return v.answer() })(v.echo)
	if errors.Is(err, models.ErrLost) {
		err = failure{status: http.StatusConflict, title: "The request still runs", text: "It took too long, and is being answered for somebody who asked again with the same key."}
	}
	if err != nil {
		v.fail(v.echo, err)
	}
	response.Writer = held.ResponseWriter
	if err := v.keepAnswer(k, held); err != nil {
		v.Log.ErrorContext(v.context(), "the answer of a request under a key is not kept", "request_id", noteOf(v.echo).id, "error", err.Error())
	}
	held.send()
	return nil
}

// keepAnswer stores what is answered. A refusal changed nothing, so it is not
// kept: the same request may be allowed later. Neither is a secret.
func (v *visit) keepAnswer(k models.KeyedRequest, a *heldAnswer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(noteOf(v.echo).whole), keepPatience)
	defer cancel()
	header := a.Header()
	kept := a.status < http.StatusBadRequest && a.body.Len() <= answerLongest && header.Get("Cache-Control") != "no-store"
	return v.Store.Tx(ctx, func(tx *models.Tx) error {
		if !kept {
			return tx.EndKey(k)
		}
		k.Status, k.Kind, k.Location, k.Body = a.status, header.Get("Content-Type"), header.Get("Location"), a.body.Bytes()
		return tx.AnswerKey(k)
	})
}

// heldAnswer holds an answer back.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write holds a part of the body.
func (a *heldAnswer) Write(part []byte) (int, error) { return a.body.Write(part) }

// send gives the client what was held.
func (a *heldAnswer) send() {
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.body.Bytes()) // a client that went away is no error
}
