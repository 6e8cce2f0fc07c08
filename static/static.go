// Package static holds what browsers load beside the pages: the style sheet,
// scripts and pictures, embedded and named by their content, so that they can
// be cached for good.
//
// Package server serves what Open finds; pages name a file through Path. It
// must not know the pages, and nothing here is fetched from another host.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed css/*.css js/*.js icons/*.svg vendor
var embedded embed.FS

// Prefix is where the files are served from.
const Prefix = "/static/"

// File is one file as it is sent.
type File struct {
	Name        string // hashed: "app.1a2b3c4d5e6f.css"
	ContentType string
	Body        []byte
	// Gzip is Body compressed; nil if that would not make it smaller.
	Gzip []byte
	// ETag is a quoted tag of the content.
	ETag string
}

// styleParts make up app.css, in this order: layers are declared in the first.
var styleParts = []string{"tokens", "base", "layout", "mark", "table", "page", "grid"}

// sources names every served file and what it is made of.
var sources = []struct {
	name  string
	parts []string
}{
	{"app.css", stylePaths()},
	{"story.css", []string{"css/story.css"}},
	{"app.js", []string{"js/app.js"}},
	{"live.js", []string{"js/live.js"}},
	{"grid.js", []string{"js/grid.js"}},
	{"preview.js", []string{"js/preview.js"}},
	{"keys.js", []string{"js/keys.js"}},
	{"idiomorph.js", []string{"vendor/idiomorph-0.8.0.min.js"}},
	{"log.js", []string{"js/log.js", "js/log_choose.js", "js/log_follow.js", "js/log_keys.js"}},
	{"icon.svg", []string{"icons/icon.svg"}},
	{"icon-failing.svg", []string{"icons/icon-failing.svg"}},
	{"icon-running.svg", []string{"icons/icon-running.svg"}},
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func stylePaths() []string {
	paths := make([]string, len(styleParts))
	for i, p := range styleParts {
		paths[i] = "css/" + p + ".css"
	}
	return paths
}

// catalogue is every file by its plain and by its hashed name.
type catalogue struct {
	plain  map[string]string // plain name -> hashed name
	hashed map[string]File
}

// table is built at first use and the same in every process of one binary.
var table = sync.OnceValues(func() (catalogue, error) { return build(embedded) })

// build puts the served files together.
func build(files fs.FS) (catalogue, error) {
	c := catalogue{plain: map[string]string{}, hashed: map[string]File{}}
	for _, s := range sources {
		var body bytes.Buffer
		for _, part := range s.parts {
			b, err := fs.ReadFile(files, part)
			if err != nil {
				return c, fmt.Errorf("static file %s: %w", s.name, err)
			}
			if strings.HasSuffix(part, ".js") && !vendored(s.parts) {
				b = withoutComments(b)
			}
			body.Write(b)
		}
		f, err := newFile(s.name, body.Bytes())
		if err != nil {
			return c, err
		}
		c.plain[s.name] = f.Name
		c.hashed[f.Name] = f
	}
	return c, nil
}

// vendored tells whether a file is somebody else's, which stays as it is.
func vendored(parts []string) bool { return strings.HasPrefix(parts[0], "vendor/") }

// withoutComments leaves out the lines of a script that are nothing but a
// comment: they are for readers of the source. No line of a text of ours
// begins with two slashes.
func withoutComments(script []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(script) {
		if !bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("//")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

func newFile(name string, body []byte) (File, error) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	extension := path.Ext(name)
	f := File{
		Name:        strings.TrimSuffix(name, extension) + "." + hash[:12] + extension,
		ContentType: contentTypes[extension],
		Body:        body,
		ETag:        `"` + hash[:24] + `"`,
	}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return f, fmt.Errorf("static file %s: %w", name, err)
	}
	if _, err := w.Write(body); err != nil {
		return f, fmt.Errorf("compressing static file %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return f, fmt.Errorf("compressing static file %s: %w", name, err)
	}
	if compressed.Len() < len(body) {
		f.Gzip = compressed.Bytes()
	}
	return f, nil
}

// Check says whether all files are there; call it once at start.
func Check() error {
	_, err := table()
	return err
}

// Path is the URL of a file by its plain name: "app.css" gives
// "/static/app.1a2b3c4d5e6f.css". An unknown name keeps its plain URL, which
// answers 404.
func Path(name string) string {
	c, err := table()
	if hashed, ok := c.plain[name]; ok && err == nil {
		return Prefix + hashed
	}
	return Prefix + name
}

// Open finds a file by its hashed name, without Prefix. What it gives never
// changes under that name, so it may be cached as immutable.
func Open(hashed string) (File, bool) {
	c, err := table()
	if err != nil {
		return File{}, false
	}
	f, ok := c.hashed[hashed]
	return f, ok
}
