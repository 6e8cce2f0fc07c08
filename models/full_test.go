package models_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
)

// addEvent stores one event of half a page, with what follows from it.
func addEvent(s *models.Store, tree id.ID, number int) error {
	return s.Tx(context.Background(), func(tx *models.Tx) error {
		_, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: fmt.Sprint(number), TreeID: tree, Body: strings.Repeat("x", 2000)}, "event.read")
		return err
	})
}

// dedups are what is stored, oldest first.
func dedups(t *testing.T, s *models.Store, tree id.ID) []string {
	t.Helper()
	events, err := s.Events(tree, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for i := len(events) - 1; i >= 0; i-- {
		list = append(list, events[i].Dedup)
	}
	return list
}

// fillUp writes until there is no room, and gives what was stored by then.
func fillUp(t *testing.T, s *models.Store, tree id.ID, most int) (stored []string, full *models.FullError) {
	stored = []string{}
	t.Helper()
	for i := range most {
		err := addEvent(s, tree, i)
		if errors.As(err, &full) {
			return stored, full
		}
		if err != nil {
			t.Fatalf("a full disk gives %T: %v", err, err)
		}
		stored = append(stored, fmt.Sprint(i))
	}
	t.Fatalf("%d events found room", most)
	return nil, nil
}

// checkFull proves that nothing was lost or half stored, and that it goes on.
func checkFull(t *testing.T, s *models.Store, tree id.ID, stored []string, makeRoom func() error) {
	t.Helper()
	if s.Full() == nil {
		t.Error("the store does not say that it is full")
	}
	if diff := cmp.Diff(stored, dedups(t, s, tree)); diff != "" {
		t.Errorf("while it is full (-stored +there):\n%s", diff)
	}
	due, err := s.Due(1_000_000)
	if err != nil || len(due) != len(stored) {
		t.Errorf("%d events have %d steps: %v", len(stored), len(due), err)
	}
	if err := makeRoom(); err != nil {
		t.Fatal(err)
	}
	if err := addEvent(s, tree, len(stored)); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if err := s.Full(); err != nil {
		t.Errorf("with room again it still says: %v", err)
	}
	if diff := cmp.Diff(append(stored, fmt.Sprint(len(stored))), dedups(t, s, tree)); diff != "" {
		t.Errorf("with room again (-stored +there):\n%s", diff)
	}
}

func newTreeIn(t *testing.T, s *models.Store) id.ID {
	t.Helper()
	var tree models.Tree
	err := s.Tx(context.Background(), func(tx *models.Tx) (err error) {
		tree, _, err = tx.AddTree(models.NewTree{Tree: models.Tree{Name: "linux"}, URL: "https://git.example.org/linux.git", Branches: []string{"main"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree.ID
}

func TestDatabaseWithoutRoom(t *testing.T) {
	s := modelstest.SQLite(t, models.Options{})
	tree := newTreeIn(t, s)
	if err := s.BoundPages(1); err != nil {
		t.Fatal(err)
	}
	stored, full := fillUp(t, s, tree, 1000)
	if want := "the disk under "; !strings.HasPrefix(full.Place, want) || !strings.Contains(full.Error(), "free some space; nothing that was stored is lost") {
		t.Errorf("it says %q", full)
	}
	checkFull(t, s, tree, stored, func() error { return s.BoundPages(1 << 30) })
}

// TestFullDisk fills a real disk, a small one in memory.
func TestFullDisk(t *testing.T) {
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a disk to fill cannot be mounted here (%v): TestDatabaseWithoutRoom has the database's own limit instead", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	open := func() (*models.Store, error) {
		return models.Open(context.Background(), models.Options{Path: filepath.Join(folder, "drover.db")})
	}
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	tree := newTreeIn(t, s)
	filler := filepath.Join(folder, "filler")
	fillDisk(t, filler)
	stored, full := fillUp(t, s, tree, 10_000)
	if want := "the disk under " + folder; full.Place != want {
		t.Errorf("the full place is %q, want %q", full.Place, want)
	}
	checkFull(t, s, tree, stored, func() error { return os.Remove(filler) })
	there := dedups(t, s, tree)
	fillDisk(t, filler)
	if err := s.Close(); err != nil {
		t.Logf("closing on a full disk: %v", err)
	}
	if s, err := open(); err == nil {
		t.Log("it opens on a full disk")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	} else if !errors.As(err, &full) {
		t.Errorf("opening on a full disk says: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if s, err = open(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(there, dedups(t, s, tree)); diff != "" {
		t.Errorf("opened again (-stored +there):\n%s", diff)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// fillDisk writes a file until its disk is full.
func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(f, endless{})
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk did not become full: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
