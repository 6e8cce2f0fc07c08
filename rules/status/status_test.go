package status

import "testing"

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		why  string
		list []Status
		want Status
	}{
		{"no list", nil, ""},
		{"a failure beats an infrastructure error", []Status{Error, Fail, Pass}, Fail},
		{"an infrastructure error beats a missing result", []Status{Miss, Error}, Error},
		{"a pass beats a skip", []Status{Skip, Pass}, Pass},
		{"a finished one beats a running one", []Status{Running, Skip}, Skip},
		{"only running", []Status{Running}, Running},
	} {
		if got := Worst(c.list...); got != c.want {
			t.Errorf("%s: Worst(%v) = %q, want %q", c.why, c.list, got, c.want)
		}
	}
}

func TestEveryStatusHasAWord(t *testing.T) {
	for s := range words {
		if s.Word().Text == "" || s.Word().Family == "" {
			t.Errorf("%s has no word or family", s)
		}
	}
	if w := Status("later").Word(); w.Text != "later" || w.Family != Off || Status("later").Known() {
		t.Errorf("unknown status is shown as %+v", w)
	}
}

func TestFinal(t *testing.T) {
	for s, want := range map[Status]bool{Pass: true, Fail: true, Cancelled: true, Miss: true, Planned: false, Queued: false, Running: false} {
		if s.Final() != want {
			t.Errorf("%s.Final() = %v", s, !want)
		}
	}
}
