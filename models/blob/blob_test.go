package blob

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t *testing.T) (*Store, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "blobs")
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

func TestPutOpenRemove(t *testing.T) {
	s, folder := open(t)
	for _, text := range []string{"first", "second, longer"} {
		n, err := s.Put(context.Background(), "job/7k2m9q/build.log", strings.NewReader(text))
		if err != nil || n != int64(len(text)) {
			t.Fatalf("Put = %d, %v", n, err)
		}
		b, err := s.Open("job/7k2m9q/build.log")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if err != nil || string(got) != text || b.Bytes != n {
			t.Errorf("read %q of %d bytes, %v", got, b.Bytes, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := s.Remove("job/7k2m9q/build.log"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Open("job/7k2m9q/build.log"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Remove: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("empty folders stay: %v, %v", left, err)
	}
	for _, key := range []string{"job/a/log", "job/b/log"} {
		if _, err := s.Put(context.Background(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove("job/a/log"); err != nil {
		t.Error(err)
	}
	b, err := s.Open("job/b/log")
	if err != nil {
		t.Fatalf("the neighbour of what was removed: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestAppend(t *testing.T) {
	s, folder := open(t)
	const key = "job/a/console.log.part"
	for _, c := range []struct {
		source string
		limit  int64
		want   string
	}{{"", 99, ""}, {"first", 99, "first"}, {"first", 99, "first"}, {"first, second, third", 8, "first, second"}, {"first, second, third", 99, "first, second, third"}} {
		if _, err := s.Append(key, strings.NewReader(c.source), c.limit); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(folder, key)); err != nil || string(got) != c.want {
			t.Errorf("%q became %q, %v", c.source, got, err)
		}
	}
	if err := s.Remove(key); err != nil {
		t.Error(err)
	}
}

func TestStoreThatIsAway(t *testing.T) {
	s, folder := open(t)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("job/a/log"); !errors.Is(err, ErrAway) || errors.Is(err, ErrNotFound) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the source broke") }

func TestFailedPutLeavesNothing(t *testing.T) {
	s, folder := open(t)
	if _, err := s.Put(context.Background(), "job/a/log", io.MultiReader(strings.NewReader("half"), broken{})); err == nil {
		t.Error("a broken source was stored")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Put(ctx, "job/a/log", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	entries, err := os.ReadDir(filepath.Join(folder, "job", "a"))
	if err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func FuzzKey(f *testing.F) {
	for _, key := range []string{"job/a/log", "../x", "job//x", "job/../../etc/passwd", "/etc/passwd", "job/.hidden", "job/a\x00b"} {
		f.Add(key)
	}
	s := &Store{folder: "/blobs"}
	f.Fuzz(func(t *testing.T, key string) {
		path, err := s.path(key)
		if err == nil && !strings.HasPrefix(filepath.Clean(path)+"/", "/blobs/") {
			t.Errorf("%q leads to %s", key, path)
		}
	})
}
