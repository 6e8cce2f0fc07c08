package static

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"testing"
)

// vendored tells whether a served file is that of somebody else.
// What others wrote is served as they published it, and VENDOR.md names all of it.
func TestVendored(t *testing.T) {
	list, err := embedded.ReadFile("vendor/VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("(?m)^\\| .* `([^`]+\\.js)` \\| `([0-9a-f]{64})` \\| .*`([^`]+LICENSE)` \\|$")
	named := map[string]bool{"VENDOR.md": true}
	for _, found := range line.FindAllStringSubmatch(string(list), -1) {
		named[found[1]], named[found[3]] = true, true
		body, err := embedded.ReadFile(path.Join("vendor", found[1]))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if got := hex.EncodeToString(sum[:]); got != found[2] {
			t.Errorf("%s has the sha256 %s, VENDOR.md says %s", found[1], got, found[2])
		}
		if licence, err := embedded.ReadFile(path.Join("vendor", found[3])); err != nil || len(licence) < 100 {
			t.Errorf("the licence of %s: %d bytes, %v", found[1], len(licence), err)
		}
	}
	files, err := fs.ReadDir(embedded, "vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !named[f.Name()] {
			t.Errorf("VENDOR.md does not name %s", f.Name())
		}
	}
	if len(named) < 3 {
		t.Error("VENDOR.md names nothing")
	}
}
