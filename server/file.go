package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"drover/formats/consolelog"
	"drover/models"
	"drover/models/blob"
	"drover/static"
	"drover/views/route"
)

// sandboxed makes what other people's code wrote harmless: a browser runs
// nothing of it and takes it for nothing but what it is sent as.
func (v *visit) sandboxed(kind, download string) {
	header := v.echo.Response().Header()
	header.Set("Content-Security-Policy", "sandbox")
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", "private, no-cache")
	if download != "" {
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(download)}))
	}
}

// rawLog sends a stored log as it is, whole, in ranges, or the lines of ?l=.
func (v *visit) rawLog(log *openLog) error {
	download := ""
	if v.query.Get("download") == "1" {
		download = log.file.Name
	}
	v.sandboxed("text/plain; charset=utf-8", download)
	if lines := route.ParseLines(v.query.Get("l")); lines.First > 0 {
		part, err := log.section(lines)
		if err != nil {
			return err
		}
		v.echo.Response().WriteHeader(http.StatusOK)
		_, err = io.Copy(v.echo.Response(), part)
		return ignoreGone(err)
	}
	v.serveBlob(log.blob, log.file)
	return nil
}

// section is the bytes of some lines.
func (l *openLog) section(lines route.Lines) (io.Reader, error) {
	first, err := consolelog.Window(l.blob, l.index, lines.First, lines.First)
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return strings.NewReader(""), nil
	}
	last, err := consolelog.Window(l.blob, l.index, min(max(lines.First, lines.Last), l.index.Lines), max(lines.First, lines.Last))
	if err != nil {
		return nil, err
	}
	end := last[len(last)-1]
	return io.NewSectionReader(l.blob, first[0].Offset, end.Offset+end.Size-first[0].Offset), nil
}

// serveBlob sends a stored file, in ranges if the client asks for them. A name
// is stored once, so its time names its content; what still grows has none.
func (v *visit) serveBlob(b *blob.Blob, f models.File) {
	if f.StoredAt.IsZero() {
		http.ServeContent(v.echo.Response(), v.request, "", f.StoredAt, io.NewSectionReader(b, 0, b.Bytes))
		return
	}
	v.echo.Response().Header().Set("ETag", `"`+f.ID.String()+"-"+strconv.FormatInt(f.StoredAt.UnixMicro(), 36)+`"`)
	http.ServeContent(v.echo.Response(), v.request, "", f.StoredAt, b)
}

// ignoreGone forgets that a client went away in the middle of a download.
func ignoreGone(err error) error {
	if err == nil || errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return fmt.Errorf("send: %w", err)
}

func buildFile(v *visit) error {
	b, err := v.namedBuild()
	if err != nil {
		return err
	}
	list, err := v.q.JobsOfRun(b.ID, models.JobBuild, 0)
	if err != nil {
		return err
	}
	return v.sendFile(list)
}

func resultFile(v *visit) error {
	r, err := v.namedResult()
	if err != nil {
		return err
	}
	if r.JobID == nil {
		return v.sendFile(nil)
	}
	return v.sendFile([]models.Job{{ID: *r.JobID}})
}

// sendFile sends the newest file of the name in the path.
func (v *visit) sendFile(list []models.Job) error {
	name := v.names["name"]
	files, err := v.q.FilesOfJobs(idsOfJobs(list))
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(f models.File) bool { return f.Name != name })
	if len(files) == 0 {
		return notFound("No such file", fmt.Sprintf("No file %q was kept here.", name))
	}
	f := slices.MaxFunc(files, func(a, b models.File) int { return cmp.Compare(a.OwnerID, b.OwnerID) })
	if f.TrimmedAt != nil {
		return failure{status: http.StatusGone, title: "The file is no longer kept", text: whyMissing("file", f)}
	}
	if f.Blob == "" {
		return notFound("The file was not stored", cmp.Or(f.Note, "Nothing more is known about it."))
	}
	b, err := v.Blobs.Open(f.Blob)
	if errors.Is(err, blob.ErrNotFound) {
		return notFound("The file is gone", "It is no longer in the store.")
	}
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }() // only read
	if isText(name) && v.query.Get("download") != "1" {
		v.sandboxed("text/plain; charset=utf-8", "")
	} else {
		v.sandboxed("application/octet-stream", name)
	}
	v.serveBlob(b, f)
	return nil
}

// whyMissing says why a file, or the log that it is, cannot be read; "" if it
// should be there.
func whyMissing(what string, f models.File) string {
	switch {
	case f.TrimmedAt != nil:
		return fmt.Sprintf("The %s was removed on %s, %d days after it was stored, to make room. The result, its first error and the statistics stay.",
			what, f.TrimmedAt.UTC().Format("2006-01-02"), int(f.TrimmedAt.Sub(f.StoredAt).Hours()/24))
	case f.Blob == "":
		return "The " + what + " was not stored: " + f.Note + "."
	}
	return ""
}

// isText tells whether a kept file is shown in the browser, as plain text.
func isText(name string) bool {
	switch path.Ext(name) {
	case ".log", ".txt", ".idx", ".map":
		return true
	}
	return path.Base(name) == "config" || path.Base(name) == ".config"
}

// staticFile sends what browsers load beside the pages. Its name has a hash of
// its content, so it is kept for good.
func staticFile(v *visit) error {
	f, ok := static.Open(v.names["name"])
	if !ok {
		return notFound("No such file", "A newer version of Drover has other files; load the page again.")
	}
	header := v.echo.Response().Header()
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	header.Set("ETag", f.ETag)
	if knows(v.request, f.ETag) {
		return v.echo.NoContent(http.StatusNotModified)
	}
	if f.Gzip != nil && accepts(v.request, "gzip") {
		header.Set("Content-Encoding", "gzip")
		return v.echo.Blob(http.StatusOK, f.ContentType, f.Gzip)
	}
	return v.echo.Blob(http.StatusOK, f.ContentType, f.Body)
}
