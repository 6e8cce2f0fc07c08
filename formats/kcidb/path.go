package kcidb

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Path makes a test name into a KCIDB path: dots separate the parts, every run
// of characters other than letters, digits, "_" and "-" becomes one "_", empty
// parts go. It is never empty: "_" stands for a name with nothing to keep.
func Path(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, ".") {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		writePart(&b, part)
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}

// PathOf joins the names of nested tests into a path. A dot inside a name
// becomes "_", so that there are as many parts as names.
func PathOf(names ...string) string {
	parts := make([]string, 0, len(names))
	for _, name := range names {
		parts = append(parts, Path(strings.ReplaceAll(name, ".", "_")))
	}
	return Path(strings.Join(parts, "."))
}

func writePart(b *strings.Builder, part string) {
	bad := false
	for _, r := range part {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
			bad = false
			continue
		}
		if !bad {
			b.WriteByte('_')
		}
		bad = true
	}
}

// ID is "origin:local", the form of every identifier. A local part that already
// has the prefix stays as it is.
func ID(origin, local string) string {
	if strings.HasPrefix(local, origin+":") {
		return local
	}
	return origin + ":" + local
}

// PatchsetHash is the hash of patches in order of application: sha256 over the
// newline-terminated hex sha256 of each; "" for none.
func PatchsetHash(patches ...[]byte) string {
	if len(patches) == 0 {
		return ""
	}
	whole := sha256.New()
	for _, patch := range patches {
		sum := sha256.Sum256(patch)
		whole.Write([]byte(hex.EncodeToString(sum[:]) + "\n"))
	}
	return hex.EncodeToString(whole.Sum(nil))
}
