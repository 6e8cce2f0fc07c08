package compare

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

const none status.Status = ""

func TestOf(t *testing.T) {
	for _, c := range []struct {
		why  string
		a, b status.Status
		want Change
	}{
		{"passed, fails", status.Pass, status.Fail, New},
		{"failed, passes", status.Fail, status.Pass, Fixed},
		{"fails in both", status.Fail, status.Fail, StillFailing},
		{"passes in both", status.Pass, status.Pass, Same},
		{"skipped in both", status.Skip, status.Skip, Same},
		{"fails where A does not have it", none, status.Fail, Appeared},
		{"passes where A does not have it", none, status.Pass, Appeared},
		{"planned where A does not have it", none, status.Planned, Appeared},
		{"failed, and B does not have it", status.Fail, none, Gone},
		{"passed, and B does not have it", status.Pass, none, Gone},
		{"fails after an infra error", status.Error, status.Fail, StatusChanged},
		{"fails where A has no result", status.Miss, status.Fail, StatusChanged},
		{"fails where A was cancelled", status.Cancelled, status.Fail, StatusChanged},
		{"fails where A was skipped", status.Skip, status.Fail, StatusChanged},
		{"infra error after a pass", status.Pass, status.Error, StatusChanged},
		{"infra errors in both", status.Error, status.Error, Same},
		{"cancelled and missing both say no result", status.Cancelled, status.Miss, Same},
		{"runs still", status.Pass, status.Running, Unfinished},
		{"is planned in B", status.Fail, status.Planned, Unfinished},
		{"has not ended in A", status.Queued, status.Fail, Unfinished},
		{"measured in both", status.Done, status.Done, Same},
		{"in neither", none, none, Same},
	} {
		if got := Of(c.a, c.b); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

var every = []status.Status{none, status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done,
	status.Planned, status.Queued, status.Running, status.Cancelled}

func TestSwappingTurnsTheChangeRound(t *testing.T) {
	for _, a := range every {
		for _, b := range every {
			if got, want := Of(b, a), Of(a, b).Swapped(); got != want {
				t.Errorf("%q and %q: %s the other way round, want %s", a, b, got, want)
			}
		}
	}
}

func TestOneSidedIsNeverNew(t *testing.T) {
	for _, s := range every {
		if got := Of(none, s); got == New || got == Fixed || got == StillFailing {
			t.Errorf("only in B with %q: %s", s, got)
		}
		if got := Of(s, none); got == New || got == Fixed || got == StillFailing {
			t.Errorf("only in A with %q: %s", s, got)
		}
	}
}

func TestPairs(t *testing.T) {
	x86, arm := Key{"net", "x86_64", "debug", "gcc"}, Key{"net", "aarch64", "debug", "gcc"}
	build, clang := Key{"", "x86_64", "debug", "gcc"}, Key{"net", "x86_64", "debug", "clang"}
	a := []Item{{x86, status.Pass}, {arm, status.Fail}, {build, status.Pass}}
	b := []Item{{clang, status.Fail}, {build, status.Pass}, {x86, status.Fail}}
	want := []Pair{{build, 2, 1, Same}, {arm, 1, -1, Gone}, {clang, -1, 0, Appeared}, {x86, 0, 2, New}}
	if diff := cmp.Diff(want, Pairs(a, b)); diff != "" {
		t.Error(diff)
	}
	if got := Pairs(nil, nil); len(got) != 0 {
		t.Errorf("nothing gives %v", got)
	}
}

func TestWords(t *testing.T) {
	for i, c := range Changes {
		if c.Word().Text == string(c) || !c.Known() || c.Rank() != i {
			t.Errorf("%s has no word or place", c)
		}
	}
	if c := Change("odd"); c.Known() || c.Word().Text != "odd" || c.Rank() != len(Changes) {
		t.Error("an unknown change is known")
	}
}

// Whatever the two sides are: every thing is in exactly one pair, the counts
// add up to the rows, and swapping the sides turns each change round.
func FuzzPairs(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, []byte{3, 2, 1})
	f.Add([]byte{}, []byte{7, 7})
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, b := items(x), items(y)
		pairs := Pairs(a, b)
		keys := map[Key]bool{}
		for _, item := range slices.Concat(a, b) {
			keys[item.Key] = true
		}
		total, both := Count(pairs).Total()
		if len(pairs) != len(keys) || total != len(pairs) {
			t.Errorf("%d pairs and a sum of %d for %d things", len(pairs), total, len(keys))
		}
		swapped := Pairs(b, a)
		for i, p := range pairs {
			if want := (Pair{p.Key, p.B, p.A, p.Change.Swapped()}); swapped[i] != want {
				t.Errorf("swapped: %v, want %v", swapped[i], want)
			}
			if p.A >= 0 && p.B >= 0 {
				both--
			}
		}
		if both != 0 {
			t.Errorf("the number of things on both sides is wrong by %d", both)
		}
	})
}

func items(bytes []byte) []Item {
	var list []Item
	for _, c := range bytes {
		list = append(list, Item{Key{string('a' + rune(c%5)), "x", "y", "z"}, every[1+int(c/5)%(len(every)-1)]})
	}
	return list
}
