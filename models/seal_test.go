package models_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drover/models"
	"drover/rules/id"
)

func keyOf(letter string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

func keysOf(t *testing.T, text string) *models.Keys {
	t.Helper()
	k, err := models.ReadKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestSeal: what was sealed for a row is opened for that row alone, with its key
// alone, also when that is a former one.
func TestSeal(t *testing.T) {
	const secret = "whsec_of-the-bot"
	old := keysOf(t, keyOf("a"))
	sealed, err := old.Seal(secret, "webhooks", 7)
	if err != nil || strings.Contains(sealed, secret) {
		t.Fatal(sealed, err)
	}
	again, err := old.Seal(secret, "webhooks", 7)
	if err != nil || again == sealed {
		t.Errorf("sealed twice it is the same: %v", err)
	}
	flipped := sealed[:len(sealed)-6] + "AAAAA="
	for _, c := range []struct {
		name   string
		keys   *models.Keys
		sealed string
		table  string
		row    id.ID
		says   string // "" if it opens
	}{
		{"its key", old, sealed, "webhooks", 7, ""},
		{"a newer key in front", keysOf(t, keyOf("b")+", "+keyOf("a")), sealed, "webhooks", 7, ""},
		{"another row", old, sealed, "webhooks", 8, "another row's"},
		{"another table", old, sealed, "trees", 7, "another row's"},
		{"another key", keysOf(t, keyOf("b")), sealed, "webhooks", 7, "which is not there"},
		{"changed", old, flipped, "webhooks", 7, "damaged"},
		{"cut", old, sealed[:12], "webhooks", 7, "damaged"},
		{"nothing", old, "", "webhooks", 7, "which is not there"},
		{"no key", nil, sealed, "webhooks", 7, "DROVER_SECRET_KEY"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.keys.Open(c.sealed, c.table, c.row)
			if c.says == "" && (err != nil || got != secret) {
				t.Errorf("%q, %v", got, err)
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), keyOf("a"))) {
				t.Errorf("%q, %v, want %q", got, err, c.says)
			}
		})
	}
	var none *models.Keys
	if _, err := none.Seal(secret, "webhooks", 7); !errors.Is(err, models.ErrNoKey) {
		t.Error(err)
	}
}

func TestReadKeys(t *testing.T) {
	for _, text := range []string{"", "x", keyOf("a")[:40], keyOf("a") + ",", keyOf("a") + "," + base64.StdEncoding.EncodeToString([]byte("short"))} {
		if _, err := models.ReadKeys(text); err == nil || strings.Contains(err.Error(), "YWFh") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestFileKeys: the file is made at the first need, for its owner alone, and
// read by the next process; to open makes none.
func TestFileKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	if _, err := models.FileKeys(path).Open("x:y", "webhooks", 1); err == nil {
		t.Error("opened without a key")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("to open made a key: %v", err)
	}
	sealed, err := models.FileKeys(path).Seal("s", "webhooks", 1)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if got, err := models.FileKeys(path).Open(sealed, "webhooks", 1); err != nil || got != "s" {
		t.Errorf("the next process: %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := models.FileKeys(path).Seal("s", "webhooks", 1); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("half a key: %v", err)
	}
}
