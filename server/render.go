package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"drover/views/page"
	"drover/views/route"
)

// buffers are reused: a page is rendered whole before anything of it is sent,
// so that an error in its middle is a page of its own with the right status.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// html sends a page.
func (v *visit) html(status int, p page.Page) error {
	if len(v.parts) > 0 && status == http.StatusOK {
		return v.renderParts(p)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	// A page is rendered to its end: that it was too slow is a page too.
	if err := p.View().Render(context.WithoutCancel(v.context()), buffer); err != nil {
		return fmt.Errorf("render %T: %w", p, err)
	}
	header := v.echo.Response().Header()
	header.Set("Vary", "Accept, HX-Request, X-Fragment")
	keepPrivate(header)
	if status == http.StatusOK {
		header.Set("ETag", tagOf(buffer.Bytes(), v.now))
	}
	return v.send(status, "text/html; charset=utf-8", buffer.Bytes())
}

// keepPrivate lets nobody but this client keep an answer, unless it is not to
// be kept at all.
func keepPrivate(header http.Header) {
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "private, no-cache")
	}
}

// changing are the parts of a page that change while nothing else does: how
// each begins and ends.
var changing = [][2][]byte{{[]byte("<time "), []byte("</time>")}, {[]byte(` data-at="`), []byte(`"`)}}

// tagOf names the content of a page without the words for times, which change
// with every second; within one minute they may stay as they are.
func tagOf(body []byte, now time.Time) string {
	h := sha256.New()
	_, _ = h.Write([]byte(now.UTC().Format("200601021504"))) // a hash never fails
	hashWithout(h, body, changing)
	return `W/"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// hashWithout writes a page without some parts.
func hashWithout(h hash.Hash, body []byte, parts [][2][]byte) {
	if len(parts) == 0 {
		_, _ = h.Write(body)
		return
	}
	begin, end := parts[0][0], parts[0][1]
	for {
		before, part, found := bytes.Cut(body, begin)
		hashWithout(h, before, parts[1:])
		if !found {
			return
		}
		if _, body, found = bytes.Cut(part, end); !found {
			return
		}
	}
}

// send writes a whole answer, compressed where that helps, or 304 if the
// client has it.
func (v *visit) send(status int, kind string, body []byte) error {
	response := v.echo.Response()
	header := response.Header()
	header.Add("Vary", "Accept-Encoding")
	if tag := header.Get("ETag"); tag != "" && knows(v.request, tag) {
		return v.echo.NoContent(http.StatusNotModified)
	}
	if len(body) < 1000 || !accepts(v.request, "gzip") {
		return v.blob(status, kind, body)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	compressor := compressors.Get().(*gzip.Writer)
	defer compressors.Put(compressor)
	compressor.Reset(buffer)
	if _, err := compressor.Write(body); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if err := compressor.Close(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	header.Set("Content-Encoding", "gzip")
	return v.blob(status, kind, buffer.Bytes())
}

// blob writes a body, as slowly as the client reads it: nobody waits for that.
func (v *visit) blob(status int, kind string, body []byte) error {
	if v.worked != nil {
		v.worked()
	}
	return v.echo.Blob(status, kind, body)
}

// knows tells whether the client has the content with this tag.
func knows(r *http.Request, tag string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// accepts tells whether the client reads an encoding: it names it, and not with
// the weight 0.
func accepts(r *http.Request, encoding string) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if name != encoding {
			continue
		}
		weight, given := strings.CutPrefix(weight, "q=")
		value, err := strconv.ParseFloat(weight, 64)
		return !given || err == nil && value > 0
	}
	return false
}

// object answers with one thing: a page, or what is in data as JSON.
func (v *visit) object(p page.Page, data any, self route.URL) error {
	if v.format != "json" {
		return v.html(http.StatusOK, p)
	}
	return v.json(http.StatusOK, map[string]any{"data": data, "links": v.linksOf(self)})
}

// list answers with a list: a page, or data as JSON or its rows as CSV. Often
// data is the rows; a tree is more than its checkouts.
func (v *visit) list(p page.Page, data, rows any, l *listing) error {
	switch v.format {
	case "csv":
		return v.csv(rows)
	case "json":
		return v.json(http.StatusOK, map[string]any{
			"data": data, "page": l.pageJSON(), "query": l.queryJSON(), "links": v.linksOf(l.self()),
		})
	}
	return v.html(http.StatusOK, p)
}

func (v *visit) linksOf(self route.URL) map[string]string {
	return map[string]string{"html": v.absolute(self), "self": v.absolute(route.Format(self, "json"))}
}

// zeroTime is how a time that is not known is written; programs get null.
var zeroTime = []byte(`"0001-01-01T00:00:00Z"`)

// json sends an object with the time at which it was read.
func (v *visit) json(status int, body map[string]any) error {
	body["generated_at"] = v.now
	if data, ok := body["data"]; ok {
		body["data"] = filled(data)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	text = bytes.ReplaceAll(text, zeroTime, []byte("null"))
	header := v.echo.Response().Header()
	header.Set("Vary", "Accept, HX-Request, X-Fragment")
	keepPrivate(header)
	return v.send(status, "application/json", append(text, '\n'))
}

// text sends a text that was made here.
func (v *visit) text(body string) error {
	v.echo.Response().Header().Set("Cache-Control", "private, no-cache")
	return v.send(http.StatusOK, "text/plain; charset=utf-8", []byte(body))
}

// filled gives a copy of data in which every list that is nil is empty, so
// that programs find [] where nothing is.
func filled(data any) any {
	value := reflect.ValueOf(data)
	if !value.IsValid() {
		return data
	}
	shallow := reflect.New(value.Type()).Elem()
	shallow.Set(value)
	fill(shallow)
	return shallow.Interface()
}

// fill works on lists, structs and what pointers to structs lead to. Elements
// belong to the page that is being sent, so they are changed in place.
func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.Slice:
		if value.IsNil() && value.CanSet() {
			value.Set(reflect.MakeSlice(value.Type(), 0, 0))
		}
		if kind := value.Type().Elem().Kind(); kind != reflect.Struct && kind != reflect.Pointer {
			return
		}
		for i := range value.Len() {
			fill(value.Index(i))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if field := value.Field(i); field.CanSet() {
				fill(field)
			}
		}
	case reflect.Pointer:
		if !value.IsNil() {
			fill(value.Elem())
		}
	}
}
