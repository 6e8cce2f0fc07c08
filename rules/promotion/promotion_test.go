package promotion

import (
	"slices"
	"testing"
	"time"

	"drover/rules/status"
)

var (
	now   = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	ready = Record{
		Arches: []Arch{{"aarch64", 20, 3}, {"x86_64", 31, 5}}, Runs: 100, Infra: 1, P90: 8 * time.Minute, Limit: 10 * time.Minute,
	}
)

func with(change func(*Record)) Record {
	r := ready
	r.Arches = slices.Clone(ready.Arches)
	change(&r)
	return r
}

func TestConditions(t *testing.T) {
	needed := Needed{InARow: 20, Hosts: 3, InfraShare: 0.05}
	for _, c := range []struct {
		name   string
		record Record
		want   string
	}{
		{"everything is there", ready, ""},
		{"nothing ran", Record{Limit: time.Minute}, "it has not run yet"},
		{"too few passes", with(func(r *Record) { r.Arches[0].InARow = 14 }), "aarch64 needs 6 more passes"},
		{"one pass is missing on each", with(func(r *Record) { r.Arches[0].InARow, r.Arches[1].InARow = 19, 19 }), "aarch64 needs 1 more pass, x86_64 needs 1 more pass"},
		{"always the same host", with(func(r *Record) { r.Arches[1].Hosts = 1 }), "x86_64 needs 2 more hosts"},
		{"machines break", with(func(r *Record) { r.Infra = 5 }), "5 of 100 runs could not run"},
		{"it takes too long", with(func(r *Record) { r.P90 = 10 * time.Minute }), "a tenth of its runs takes longer than 10m0s, which is its limit"},
		{"a failure", with(func(r *Record) { r.Unexplained = 1 }), "1 failure without an explanation"},
		{"two reasons", with(func(r *Record) { r.Unexplained, r.Infra = 2, 50 }), "50 of 100 runs could not run; 2 failures without an explanation"},
	} {
		list := Conditions(needed, c.record)
		if got := Lacking(list); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for _, one := range list {
			if one.Text == "" || one.Needed == "" || one.Have == "" || !one.Met && one.Lacks == "" {
				t.Errorf("%s: a condition without words: %+v", c.name, one)
			}
		}
	}
}

func TestConditionsInWords(t *testing.T) {
	list := Conditions(Default, with(func(r *Record) { r.Infra = 0 }))
	if list[0].Have != "aarch64 20, x86_64 31" || list[0].Needed != "20" || list[2].Have != "0 %" || list[2].Needed != "< 5.0 %" {
		t.Errorf("%+v", list)
	}
}

func TestRefused(t *testing.T) {
	met, unmet := Conditions(Default, ready), Conditions(Default, Record{})
	day := 24 * time.Hour
	for _, c := range []struct {
		move  Move
		field string
	}{
		{Move{From: status.TestTrial, To: status.TestReporting, Conditions: met}, ""},
		{Move{From: status.TestTrial, To: status.TestReporting, Conditions: unmet}, "state"},
		{Move{From: status.TestTrial, To: status.TestBlocking, Conditions: met}, "state"},
		{Move{From: status.TestTrial, To: status.TestTrial}, "state"},
		{Move{From: status.TestTrial, To: "excellent"}, "state"},
		{Move{From: status.TestOff, To: status.TestReporting}, "state"},
		{Move{From: status.TestOff, To: status.TestTrial}, ""},
		{Move{From: status.TestReporting, To: status.TestBlocking}, ""},
		{Move{From: status.TestBlocking, To: status.TestOff}, ""},
		{Move{From: status.TestReporting, To: status.TestQuarantined, Until: now.Add(day)}, "issue"},
		{Move{From: status.TestReporting, To: status.TestQuarantined, Issue: "12"}, "until"},
		{Move{From: status.TestReporting, To: status.TestQuarantined, Issue: "12", Until: now}, "until"},
		{Move{From: status.TestReporting, To: status.TestQuarantined, Issue: "12", Until: now.Add(200 * day)}, "until"},
		{Move{From: status.TestBlocking, To: status.TestQuarantined, Issue: "12", Until: now.Add(20 * day)}, ""},
		{Move{From: status.TestQuarantined, To: status.TestReporting}, ""},
	} {
		c.move.Now = now
		field, why := Refused(c.move)
		if field != c.field || (field == "") != (why == "") {
			t.Errorf("%s to %s: %q %q, want %q", c.move.From, c.move.To, field, why, c.field)
		}
	}
}

// Whatever is offered is not refused for the pair of states alone.
func TestNext(t *testing.T) {
	for _, from := range []status.TestState{status.TestOff, status.TestTrial, status.TestReporting, status.TestBlocking, status.TestQuarantined} {
		offered := Next(from)
		if len(offered) == 0 {
			t.Errorf("%s is the end", from)
		}
		for _, to := range offered {
			if field, why := Refused(Move{From: from, To: to, Conditions: Conditions(Default, ready), Issue: "1", Until: now.Add(time.Hour), Now: now}); field != "" {
				t.Errorf("%s to %s: %s", from, to, why)
			}
		}
	}
}
