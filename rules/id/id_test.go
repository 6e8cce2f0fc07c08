package id

import (
	"encoding/json"
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	day := time.Date(2026, 11, 27, 23, 59, 59, 0, time.UTC)
	seen := map[ID]bool{}
	var last ID
	for sequence := int64(1); sequence < 20000; sequence++ {
		i, err := New(day, sequence)
		if err != nil {
			t.Fatal(err)
		}
		if seen[i] {
			t.Fatalf("sequence %d gives %v again", sequence, i)
		}
		if last >= i {
			t.Fatalf("%d does not come after %d", i, last)
		}
		last = i
		seen[i] = true
		if n := len(i.String()); n < 6 || n > 8 {
			t.Fatalf("%v has %d characters", i, n)
		}
		back, err := Parse(i.String())
		if err != nil || back != i {
			t.Fatalf("Parse(%v) = %v, %v", i, back, err)
		}
		if got := i.Date().Format("2006-01-02"); got != "2026-11-27" {
			t.Fatalf("day of %v is %s", i, got)
		}
	}
}

func TestOutOfRange(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		at       time.Time
		sequence int64
	}{
		{"before the epoch", Epoch.Add(-48 * time.Hour), 1},
		{"after 2068", Epoch.AddDate(45, 0, 0), 1},
		{"sequence zero", now, 0},
		{"sequence too large", now, 1 << 26},
	} {
		if i, err := New(c.at, c.sequence); err == nil {
			t.Errorf("%s: got %v, want an error", c.name, i)
		}
	}
}

func TestJSON(t *testing.T) {
	i, err := New(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC), 7)
	if err != nil {
		t.Fatal(err)
	}
	type object struct{ ID, Parent ID }
	b, err := json.Marshal(object{ID: i})
	if err != nil {
		t.Fatal(err)
	}
	var back object
	if err := json.Unmarshal(b, &back); err != nil || back.ID != i || back.Parent != 0 {
		t.Errorf("%s reads back as %+v, %v", b, back, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"8f3k2m", "", "ilou", "zzzzzzzz", "0000", "ABCDEF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse("0000"[:max(0, 4-len(i.String()))] + i.String()); err != nil || again != i {
			t.Errorf("%q is %d, which prints as %q and reads back as %d, %v", s, i, i, again, err)
		}
	})
}
