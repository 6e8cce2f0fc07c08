package notice

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

// people are one of each role.
func people() []Candidate {
	return []Candidate{
		{Address: "list@lists.example.org", Why: "it is the list of net-next", Role: RoleList},
		{Address: "range@example.com", Why: "you wrote a commit in this range of net-next", Role: RoleRange, Person: true},
		{Address: "keeper@example.com", Why: "MAINTAINERS names you for net/ipv4", Role: RoleMaintainer, Person: true},
		{Address: "tester@example.com", Why: "you look after a failing test", Role: RoleTester, Person: true},
		{Address: "fan@example.com", Why: "you asked for all reports of net-next", Role: RoleSubscriber, Person: true, Passes: true},
		{Address: "hurt@example.com", Why: "you got the report of a failure that is fixed", Role: RoleSubscriber, Person: true, HadFailure: true},
		{Address: "quiet@example.com", Role: RoleList, Muted: true},
	}
}

const everyone = "list range keeper tester fan hurt"

// finished is a checkout of a live tree with everything done.
func finished(v status.Verdict) Input {
	return Input{
		Lane: status.Baseline, Tree: status.TreeLive, Verdict: v, Finished: true, RangeAuthors: 3,
		People: people(), Operator: "operator@ci.example.org", Own: "drover@ci.example.org",
	}
}

// with changes an input.
func with(in Input, change func(*Input)) Input {
	change(&in)
	return in
}

// names are who gets it, without hosts.
func names(d Decision) string {
	var list []string
	for _, r := range d.Recipients {
		name, _, _ := strings.Cut(r.Address, "@")
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestDecide(t *testing.T) {
	failing := with(finished(status.NewFailures), func(in *Input) { in.New, in.Failed = 2, 2 })
	good := finished(status.NoNewFailures)
	first := func(v status.Verdict, to ...string) []Sent { return []Sent{{Verdict: v, To: to}} }
	for _, one := range []struct {
		name   string
		in     Input
		kind   Stage
		to     string
		reason string // part of it
	}{
		{"new failures go to all who have to do with them", failing, First, everyone, "2 new failures"},
		{"a pass goes to those who asked", good, First, "fan", "no new failure"},
		{"a fix goes to those who got the failure", with(good, func(in *Input) { in.Fixed = 1 }), First, "fan hurt", "1 failure fixed"},
		{"nobody asked for passes", with(good, func(in *Input) { in.People = in.People[:4] }), NoReport, "", "nobody to tell: no new failure"},
		{
			"a series is answered when all is well, if the tree says so",
			with(good, func(in *Input) {
				in.SeriesPasses, in.Lane = true, status.Candidate
				in.People = append(in.People, Candidate{Address: "author@example.com", Role: RoleAuthor, Person: true})
			}), First, "list fan author", "no new failure",
		},
		{
			"a series whose tree does not say so",
			with(good, func(in *Input) {
				in.Lane = status.Candidate
				in.People = []Candidate{{Address: "author@example.com", Role: RoleAuthor, Person: true}}
			}), NoReport, "", "nobody to tell",
		},

		{"rehearsal lane", with(failing, func(in *Input) { in.Lane = status.Rehearsal }), NoReport, "", "rehearsal"},
		{"rehearsing tree", with(failing, func(in *Input) { in.Tree = status.TreeRehearsal }), NoReport, "", "rehearsal"},
		{"canary lane", with(failing, func(in *Input) { in.Lane = status.Canary }), NoReport, "", "canary"},
		{"paused tree", with(failing, func(in *Input) { in.Tree = status.TreePaused }), NoReport, "", "paused"},
		{"trial only", with(failing, func(in *Input) { in.TrialOnly = true }), NoReport, "", "trial"},
		{"not judged", finished(status.NotYetJudged), NoReport, "", "not judged"},
		{"nothing tested", finished(status.Nothing), NoReport, "", "nothing was tested"},

		{"only infrastructure failed", with(finished(status.Unclear), func(in *Input) { in.Infra = 40 }), First, "operator", "only infrastructure failed"},
		{
			"only infrastructure failed and no operator is set",
			with(finished(status.Unclear), func(in *Input) { in.Infra, in.Operator = 40, "" }), NoReport, "", "nobody to tell: only infrastructure failed",
		},
		{"much infrastructure and some failures", with(finished(status.Unclear), func(in *Input) { in.Infra, in.Failed = 40, 3 }), First, "fan operator", "not enough results"},
		{"nothing to compare with", with(finished(status.Unclear), func(in *Input) { in.Failed = 3 }), First, "fan", "nothing to compare"},
		{"infrastructure errors beside a good result trouble no developer", with(good, func(in *Input) { in.Infra = 3 }), First, "fan", "no new failure"},

		{"new failures wait for the end", with(failing, func(in *Input) { in.Finished = false }), NoReport, "", "waits until everything"},
		{"the deadline makes it partial", with(failing, func(in *Input) { in.Finished, in.Overdue = false, true }), First, everyone, "partial"},
		{
			"the deadline without a failure concerns those who asked",
			with(finished(status.StillRunning), func(in *Input) { in.Finished, in.Overdue = false, true }), First, "fan", "partial",
		},
		{"broken is told at once", with(finished(status.Broken), func(in *Input) { in.Finished, in.New = false, 1 }), First, everyone, "does not build"},
		{
			"a broken build with no new test failure leaves the testers alone",
			with(finished(status.Broken), func(in *Input) { in.Finished = false }), First, "list range keeper fan hurt", "does not build",
		},
		{"broken as before", with(finished(status.Broken), func(in *Input) { in.Before = true }), NoReport, "", "as before"},

		{"said already", with(failing, func(in *Input) { in.Sent = first(status.NewFailures) }), NoReport, "", "has not changed"},
		{
			"more failures of the same verdict are no second mail",
			with(failing, func(in *Input) { in.Sent, in.New = first(status.NewFailures), 9 }), NoReport, "", "has not changed",
		},
		{
			"a correction reaches who was told, though it is good news",
			with(good, func(in *Input) {
				in.Sent = first(status.NewFailures, "LIST@lists.example.org", "keeper@example.com", "quiet@example.com")
			}), Correction, "list keeper fan", `the verdict was "new" and is "ok"`,
		},
		{
			"late failures after a pass reach everybody",
			with(failing, func(in *Input) { in.Sent = first(status.NoNewFailures, "fan@example.com") }), Correction, everyone, "correction",
		},
		{
			"operators who got the first report get its correction",
			with(good, func(in *Input) { in.Sent = first(status.Unclear, "operator@ci.example.org") }), Correction, "fan operator", "correction",
		},
		{
			"a correction waits for the end",
			with(failing, func(in *Input) { in.Sent, in.Finished = first(status.Broken), false }), NoReport, "", "waits until everything",
		},
		{
			"the deadline makes no correction of a partial report",
			with(failing, func(in *Input) { in.Sent, in.Finished, in.Overdue = first(status.StillRunning), false, true }), NoReport, "", "reported as partial",
		},
		{
			"a partial report that ends as it announced",
			with(good, func(in *Input) { in.Sent = first(status.StillRunning, "fan@example.com") }), NoReport, "", "has not changed",
		},
		{
			"never a third one",
			with(failing, func(in *Input) {
				in.Sent = []Sent{{Verdict: status.NewFailures}, {Verdict: status.NoNewFailures}}
			}), NoReport, "", "corrected once already",
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			d := Decide(one.in)
			if d.Kind != one.kind || d.Send != (one.kind != NoReport) || names(d) != one.to {
				t.Errorf("kind %s, send %v, to %q; want %s to %q", d.Kind, d.Send, names(d), one.kind, one.to)
			}
			if !strings.Contains(d.Reason, one.reason) || d.Reason == "" {
				t.Errorf("reason %q lacks %q", d.Reason, one.reason)
			}
			if want := map[Stage]int{First: 1, Correction: 2}[one.kind]; d.Number != want {
				t.Errorf("number %d, want %d", d.Number, want)
			}
		})
	}
}

func TestWhoIsDroppedAndWhy(t *testing.T) {
	in := with(finished(status.NewFailures), func(in *Input) {
		in.New, in.RangeAuthors = 1, 40
		in.Operator = ""
		in.People = []Candidate{
			{Address: "list@lists.example.org", Why: "first reason", Role: RoleList},
			{Address: "List@Lists.Example.org", Why: "second reason", Role: RoleMaintainer},
			{Address: "one@example.com", Role: RoleRange},
			{Address: "drover@ci.example.org", Role: RoleMaintainer},
			{Address: "evil@example.com\nBcc: all@example.com", Role: RoleMaintainer},
			{Address: "Name <name@example.com>", Role: RoleMaintainer},
			{Address: "muted@example.com", Role: RoleMaintainer, Muted: true},
		}
	})
	d := Decide(in)
	if diff := cmp.Diff([]Recipient{{Address: "list@lists.example.org", Why: "first reason"}}, d.Recipients); diff != "" {
		t.Error(diff)
	}
	want := []Dropped{
		{"List@Lists.Example.org", "gets it already"},
		{"one@example.com", "one of 40 authors of the range, and it is not known whose commit it was"},
		{"drover@ci.example.org", "our own address"},
		{"evil@example.com\nBcc: all@example.com", "not an address"},
		{"Name <name@example.com>", "not an address"},
		{"muted@example.com", "asked for no mail of this kind"},
	}
	if diff := cmp.Diff(want, d.Dropped); diff != "" {
		t.Error(diff)
	}
	in.Culprit = true
	if got := names(Decide(in)); got != "list one" {
		t.Errorf("with a known culprit: %q", got)
	}
}

func TestAtMostTwelveMaintainers(t *testing.T) {
	in := with(finished(status.NewFailures), func(in *Input) {
		in.New, in.People = 1, nil
		for i := range 20 {
			in.People = append(in.People, Candidate{Address: string(rune('a'+i)) + "@example.com", Role: RoleMaintainer})
		}
		in.People = append(in.People, Candidate{Address: "list@example.com", Role: RoleList})
	})
	d := Decide(in)
	if len(d.Recipients) != 13 || len(d.Dropped) != 8 || !strings.Contains(d.Dropped[0].Reason, "more than 12") {
		t.Errorf("%d recipients, dropped %v", len(d.Recipients), d.Dropped)
	}
}

func TestSuppress(t *testing.T) {
	d := Decide(with(finished(status.NewFailures), func(in *Input) { in.New = 1 }))
	s := d.Suppress("the environment is development")
	if s.Send || s.Suppressed != "the environment is development" || s.Kind != First || len(s.Recipients) != len(d.Recipients) || s.Reason != d.Reason {
		t.Errorf("%+v", s)
	}
	none := Decide(finished(status.Nothing)).Suppress("the environment is development")
	if none.Suppressed != "" || none.Send {
		t.Errorf("what would not be sent cannot be suppressed: %+v", none)
	}
}

func TestValidAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"a@example.com":                        true,
		"a.b+c@lists.example.org":              true,
		"netdev@vger.kernel.org":               true,
		"":                                     false,
		"a":                                    false,
		"a@b@c":                                false,
		"a b@example.com":                      false,
		"a@example.com, b@example.com":         false,
		"<a@example.com>":                      false,
		"å@example.com":                        false,
		"a@example.com\r\nSubject: x":          false,
		strings.Repeat("a", 250) + "@exam.com": false,
	} {
		if got := ValidAddress(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func FuzzValidAddress(f *testing.F) {
	f.Add("a@example.com")
	f.Add("a@example.com>\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		if ValidAddress(s) && (strings.ContainsAny(s, " \r\n\t<>,;\"\x00") || strings.Count(s, "@") != 1) {
			t.Errorf("accepted %q", s)
		}
	})
}

// Whatever the input, nobody gets two copies, nothing goes out in a lane
// without effects, and every decision has a reason.
func FuzzDecide(f *testing.F) {
	f.Add(uint8(0), uint8(0), uint8(2), uint16(3), uint8(0))
	f.Add(uint8(1), uint8(1), uint8(4), uint16(0xffff), uint8(1))
	lanes := []status.Lane{status.Baseline, status.Candidate, status.Canary, status.Rehearsal}
	states := []status.TreeState{status.TreeLive, status.TreePaused, status.TreeRehearsal}
	verdicts := []status.Verdict{status.Nothing, status.Broken, status.NewFailures, status.StillRunning, status.Unclear, status.NoNewFailures, status.NotYetJudged}
	f.Fuzz(func(t *testing.T, lane, state, verdict uint8, bits uint16, sent uint8) {
		in := finished(verdicts[int(verdict)%len(verdicts)])
		in.Lane, in.Tree = lanes[int(lane)%4], states[int(state)%3]
		in.Finished, in.Overdue, in.TrialOnly, in.Before = bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
		in.New, in.Fixed, in.Infra, in.Failed = int(bits>>4&3), int(bits>>6&3), int(bits>>8&3), int(bits>>10&3)
		in.People = append(in.People, in.People...)
		for i := range sent % 4 {
			in.Sent = append(in.Sent, Sent{Verdict: verdicts[(int(verdict)+int(i))%len(verdicts)], To: []string{"range@example.com"}})
		}
		d := Decide(in)
		seen := map[string]bool{}
		for _, r := range d.Recipients {
			if seen[r.Address] || r.Address == "quiet@example.com" {
				t.Errorf("%s is told twice or against its will", r.Address)
			}
			seen[r.Address] = true
		}
		if d.Reason == "" || d.Send != (len(d.Recipients) > 0) || d.Send == (d.Kind == NoReport) {
			t.Errorf("%+v", d)
		}
		if d.Send && (in.Lane == status.Canary || in.Lane == status.Rehearsal || in.Tree != status.TreeLive || in.TrialOnly || len(in.Sent) > 1) {
			t.Errorf("sent although %+v", in)
		}
		if d.Send && in.Verdict == status.Unclear && in.Infra > 0 && in.Failed == 0 && d.Kind == First && names(d) != "operator" {
			t.Errorf("infrastructure alone went to %q", names(d))
		}
	})
}
