package notice

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

func testOn(name, arch string, s status.Status, shown status.Shown) Result {
	return Result{
		Kind: Test, Test: name, Arch: arch, Config: "defconfig", Compiler: "gcc-14", Status: s, Shown: shown,
		URL: "https://ci.example.org/r/" + name + "-" + arch, LogURL: "https://ci.example.org/r/" + name + "-" + arch + "?l=1",
	}
}

func change(r Result, f func(*Result)) Result {
	f(&r)
	return r
}

func TestNewFailuresAreFolded(t *testing.T) {
	since := time.Date(2026, 10, 24, 5, 0, 0, 0, time.UTC)
	fib := func(arch string) Result {
		return change(testOn("net/fib", arch, status.Fail, status.New), func(r *Result) {
			r.Before = History{Passed: 38, Total: 38, Since: since}
			r.Tries, r.Failed, r.Hosts = 2, 2, 2
			r.Lines = []string{"not ok 14 fib_nexthop_nongw"}
		})
	}
	kasan := func(name string) Result {
		return change(testOn(name, "x86_64", status.Fail, status.New), func(r *Result) {
			r.Signature, r.Config, r.Compiler = "KASAN tcp_close", "debug", "clang-18"
			r.Before = History{Elsewhere: "not seen on mainline"}
			r.Tries, r.Failed, r.Hosts = 2, 2, 1
		})
	}
	r := Compose(Facts{Results: []Result{
		testOn("net/fib", "x86_64", status.Pass, ""), testOn("net/fib", "ppc64le", status.Pass, ""),
		testOn("net/fib", "riscv64", status.Pass, status.Trial),
		fib("s390x"), fib("aarch64"),
		kasan("mm/ksm07"), kasan("mm/ksm05"), kasan("mm/ksm06"),
	}})
	want := []Failure{{
		Number: 1, Title: "mm/ksm05", Also: []string{"mm/ksm06", "mm/ksm07"},
		On: "x86_64 (clang-18), config debug", Arches: []string{"x86_64"},
		ResultURL: "https://ci.example.org/r/mm/ksm05-x86_64", LogURL: "https://ci.example.org/r/mm/ksm05-x86_64?l=1",
		Before: "never seen on this branch; not seen on mainline", Tries: "failed 2 of 2, on 1 host",
	}, {
		Number: 2, Title: "net/fib", On: "aarch64 (gcc-14), s390x (gcc-14)", Arches: []string{"aarch64", "s390x"},
		PassesOn:  "ppc64le, x86_64",
		ResultURL: "https://ci.example.org/r/net/fib-aarch64", LogURL: "https://ci.example.org/r/net/fib-aarch64?l=1",
		Before: "passed 38 of 38 on this branch since 2026-10-24", Tries: "failed 2 of 2, on 2 different hosts",
		Lines: []string{"not ok 14 fib_nexthop_nongw"},
	}}
	if diff := cmp.Diff(want, r.Failures); diff != "" {
		t.Error(diff)
	}
	if r.Closes != "https://ci.example.org/r/mm/ksm05-x86_64" {
		t.Errorf("closes %q", r.Closes)
	}
}

func TestBrokenBuilds(t *testing.T) {
	build := func(arch, config string, shown status.Shown, lines ...string) Result {
		return Result{Kind: Build, Arch: arch, Config: config, Compiler: "gcc-14", Status: status.Fail, Shown: shown, URL: "https://ci.example.org/b/" + arch + config, Lines: lines, Streak: 6}
	}
	recipes := recipe.Reproduction{Steps: []recipe.ReproduceStep{{Title: "Build", Lines: []string{"make"}}}}
	r := Compose(Facts{Results: []Result{
		build("s390x", "defconfig", status.New, "ring.c:212: error: implicit declaration"),
		build("arm64", "defconfig", status.New, "ring.c:212: error: implicit declaration"),
		change(build("x86_64", "debug", "", "other.c:1: error"), func(r *Result) { r.Reproduce, r.BuildURL = &recipes, "https://ci.example.org/b/x" }),
		build("arm", "defconfig", status.StillFailing, "old.c:1: error"),
		testOn("net/fib", "x86_64", status.Fail, status.New),
	}})
	var got []string
	for _, f := range append(r.Broken, r.Failures...) {
		got = append(got, fmt.Sprintf("%d %s [%s] also %v", f.Number, f.Title, f.On, f.Also))
	}
	want := []string{
		"1 build of arm64 (defconfig, gcc-14) [arm64 (defconfig, gcc-14), s390x (defconfig, gcc-14)] also [build of s390x (defconfig, gcc-14)]",
		"2 build of x86_64 (debug, gcc-14) [x86_64 (debug, gcc-14)] also []",
		"3 net/fib [x86_64 (gcc-14)] also []",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"build of arm (defconfig, gcc-14), failing for 6 checkouts"}, r.Still); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"arm64", "s390x", "x86_64"}, r.BrokenArches()); diff != "" {
		t.Error(diff)
	}
	if r.Reproduce == nil || r.Reproduce.Number != 2 || r.Reproduce.Link != "https://ci.example.org/b/x" {
		t.Errorf("reproduce %+v", r.Reproduce)
	}
}

func TestSections(t *testing.T) {
	r := Compose(Facts{
		Header: Header{Counts: []Count{{Name: "Builds", Pass: 3}, {Name: "Boots"}, {Name: "Tests", Other: 1}}},
		Issues: []Issue{{Number: 412, Title: "generic/475 hangs", URL: "https://ci.example.org/i/412"}, {Number: 9, Title: "unused"}},
		Results: []Result{
			change(testOn("known/a", "x86_64", status.Fail, status.KnownIssue), func(r *Result) { r.Issue = 412 }),
			change(testOn("known/b", "x86_64", status.Error, status.KnownIssue), func(r *Result) { r.Issue = 412 }),
			change(testOn("known/c", "x86_64", status.Fail, status.KnownIssue), func(r *Result) { r.Issue = 7 }),
			change(testOn("net/tls", "aarch64", status.Pass, status.Fixed), func(r *Result) { r.Streak = 4 }),
			change(testOn("net/old", "aarch64", status.Fail, status.StillFailing), func(r *Result) { r.Streak = 1 }),
			testOn("net/uncompared", "aarch64", status.Fail, ""),
			testOn("net/first", "aarch64", status.Fail, status.FirstRun),
			change(testOn("net/flaky", "aarch64", status.Pass, status.Flaky), func(r *Result) { r.Tries, r.Failed = 2, 1 }),
			testOn("net/trial", "aarch64", status.Fail, status.Trial),
			testOn("net/skip", "aarch64", status.Skip, ""),
			testOn("net/done", "aarch64", status.Done, ""),
		},
	})
	want := Report{
		Header: Header{Counts: []Count{{Name: "Builds", Pass: 3}, {Name: "Tests", Other: 1}}},
		Broken: []Failure{}, Failures: []Failure{},
		Known: []Known{
			{Number: 412, Title: "generic/475 hangs", URL: "https://ci.example.org/i/412", Results: 2},
			{Number: 7, Title: "an issue", Results: 1},
		},
		Fixed:    []string{"net/tls on aarch64 (defconfig, gcc-14), was failing for 4 checkouts"},
		Still:    []string{"net/old on aarch64 (defconfig, gcc-14), failing for 1 checkout", "net/uncompared on aarch64 (defconfig, gcc-14)"},
		FirstRun: []string{"net/first on aarch64 (defconfig, gcc-14), fails, first run here"},
		Flaky:    []string{"net/flaky on aarch64 (defconfig, gcc-14), failed 1 of 2, then passed"},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

func TestNotTested(t *testing.T) {
	reason := func(r Result, text string) Result { return change(r, func(r *Result) { r.Reason = text }) }
	boot := Result{Kind: Boot, Arch: "ppc64le", Status: status.Error, Reason: "the machine did not install", Tries: 3}
	r := Compose(Facts{Results: []Result{
		boot,
		reason(testOn("blk/nvme", "s390x", status.Miss, ""), "no host was free"),
		testOn("a", "s390x", status.Error, ""), testOn("b", "s390x", status.Error, ""),
		testOn("c", "s390x", status.Miss, ""),
		testOn("d", "s390x", status.Running, ""), testOn("e", "s390x", status.Running, ""), testOn("f", "s390x", status.Running, ""),
		reason(testOn("g", "s390x", status.Cancelled, ""), "by Max"),
	}})
	want := []string{
		"3 tests are not finished",
		"2 tests: infrastructure error",
		"1 boot: the machine did not install, 3 tries (ppc64le)",
		"1 test has no result: blk/nvme on s390x, no host was free",
		"1 test has no result: c on s390x",
		"1 test was cancelled: g on s390x, by Max",
	}
	if diff := cmp.Diff(want, r.NotTested); diff != "" {
		t.Error(diff)
	}
}

func TestHistoryWords(t *testing.T) {
	for _, one := range []struct {
		history History
		want    string
	}{
		{History{}, "never seen on this branch"},
		{History{Passed: 30, Total: 38}, "passed 30 of 38 on this branch"},
		{History{Passed: 1, Total: 1, Compared: "77aa01c", Back: 3}, "passed 1 of 1 on this branch, compared with 77aa01c, 3 checkouts back"},
		{History{Passed: 1, Total: 1, TestChanged: "the test changed too", Elsewhere: "passes on mainline"}, "passed 1 of 1 on this branch; the test changed too; passes on mainline"},
		{History{Passed: 1, Total: 1, Compared: "77aa01c", Back: 1, Elsewhere: "passes on mainline"}, "passed 1 of 1 on this branch, compared with 77aa01c, 1 checkout back; passes on mainline"},
	} {
		if got := before(one.history); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

func TestLogLinesAreCut(t *testing.T) {
	lines := make([]string, MaxLines+7)
	for i := range lines {
		lines[i] = fmt.Sprint("line ", i)
	}
	r := Compose(Facts{Results: []Result{change(testOn("a", "x86_64", status.Fail, status.New), func(r *Result) { r.Lines = lines })}})
	if f := r.Failures[0]; len(f.Lines) != MaxLines || f.Left != 7 {
		t.Errorf("%d lines, %d left", len(f.Lines), f.Left)
	}
}

func TestManyPlaces(t *testing.T) {
	var results []Result
	for i := range 15 {
		results = append(results, testOn("a", fmt.Sprintf("arch%02d", i), status.Fail, status.New))
	}
	if on := Compose(Facts{Results: results}).Failures[0].On; !strings.HasSuffix(on, "arch11 (gcc-14) and 3 more") {
		t.Error(on)
	}
}

// One click of a reader would end the mail for a whole list.
func TestUnsubscribeIsForPersons(t *testing.T) {
	a := Audience{Why: "it is the list of net-next", Unsubscribe: "https://ci.example.org/unsubscribe/Qm7x", Stop: "https://ci.example.org/help"}
	if got := Compose(Facts{Header: Header{Audience: a}}).Audience; got.Unsubscribe != "" || got.Stop == "" {
		t.Errorf("a list gets %+v", got)
	}
	a.Person = true
	if got := Compose(Facts{Header: Header{Audience: a}}).Audience; got.Unsubscribe != a.Unsubscribe {
		t.Errorf("a person gets %+v", got)
	}
}

// The order in which results come from a database must not show.
func TestOrderDoesNotMatter(t *testing.T) {
	var results []Result
	states := []status.Status{status.Pass, status.Fail, status.Error, status.Miss}
	shown := []status.Shown{status.New, status.KnownIssue, status.Fixed, status.StillFailing, status.FirstRun, status.Flaky, ""}
	source := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		r := testOn(fmt.Sprint("t", i%13), fmt.Sprint("arch", i%5), states[source.IntN(4)], shown[source.IntN(7)])
		r.URL, r.Issue, r.Compiler = fmt.Sprint("https://ci.example.org/r/", i), source.IntN(3), fmt.Sprint("gcc-", source.IntN(2))
		results = append(results, r)
	}
	want := Compose(Facts{Results: results})
	for range 20 {
		source.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
		if diff := cmp.Diff(want, Compose(Facts{Results: results})); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestComposeLeavesFactsAlone(t *testing.T) {
	f := Facts{Header: Header{Counts: []Count{{Name: "Boots"}, {Name: "Tests", Pass: 1}}}, Results: []Result{testOn("b", "x", status.Pass, ""), testOn("a", "x", status.Pass, "")}}
	Compose(f)
	if f.Counts[0].Name != "Boots" || f.Results[0].Test != "b" {
		t.Errorf("facts were changed: %+v", f)
	}
}

func TestSubject(t *testing.T) {
	base := Header{Tree: "net-next", Branch: "main", Commit: Commit{SHA: "9c1e77aa01cd0123456789012345678901234567"}, Verdict: status.NoNewFailures}
	report := func(f func(*Report)) Report {
		r := Report{Header: base}
		f(&r)
		return r
	}
	broken := func(arches ...string) func(*Report) {
		return func(r *Report) {
			r.Verdict = status.Broken
			for _, arch := range arches {
				r.Broken = append(r.Broken, Failure{Arches: []string{arch, arch}})
			}
		}
	}
	const tail = ": net-next/main 9c1e77aa01cd"
	for _, one := range []struct {
		r    Report
		want string
	}{
		{report(func(r *Report) { r.Verdict, r.NewCount = status.NewFailures, 2 }), "[drover] FAIL 2 new" + tail},
		{report(broken("s390x")), "[drover] BROKEN build on s390x" + tail},
		{report(broken("s390x", "arm64")), "[drover] BROKEN build on arm64, s390x" + tail},
		{report(broken("a", "b", "c", "d")), "[drover] BROKEN build on 4 architectures" + tail},
		{report(broken()), "[drover] BROKEN build on some configurations" + tail},
		{report(func(*Report) {}), "[drover] PASS" + tail},
		{report(func(r *Report) { r.FixedCount = 1 }), "[drover] FIXED 1" + tail},
		{report(func(r *Report) { r.Verdict, r.NewCount, r.Partial = status.NewFailures, 2, true }), "[drover] PARTIAL, 2 new" + tail},
		{report(func(r *Report) { r.Verdict, r.Partial = status.StillRunning, true }), "[drover] PARTIAL, 0 new" + tail},
		{report(func(r *Report) { r.Verdict = status.Unclear }), "[drover] INFRA, not enough results" + tail},
		{report(func(r *Report) { r.Verdict = status.Nothing }), "[drover] SKIP, nothing tested" + tail},
		{
			report(func(r *Report) { r.Series = &Series{Subject: "[PATCH net-next v3 0/7] tcp: rework the close path"} }),
			"Re: [PATCH net-next v3 0/7] tcp: rework the close path",
		},
		{report(func(r *Report) { r.Series = &Series{Subject: " RE: re:  [PATCH] x"} }), "Re: [PATCH] x"},
	} {
		if got := Subject(one.r); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

func TestMessageID(t *testing.T) {
	checkout, err := id.Parse("8f3k2m")
	if err != nil {
		t.Fatal(err)
	}
	if got := MessageID(checkout, 2, "ci.example.org"); got != "checkout.8f3k2m.2@ci.example.org" {
		t.Error(got)
	}
}

func TestShort(t *testing.T) {
	for sha, want := range map[string]string{"": "", "9c1e": "9c1e", "9c1e77aa01cd0123": "9c1e77aa01cd"} {
		if got := Short(sha); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// No result is lost: whatever failed or was not tested is somewhere in the
// report, unless it is in trial.
func FuzzCompose(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "net/fib", "line")
	f.Add([]byte{255, 17, 3}, "", "\x00\n")
	states := []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Running, status.Cancelled, "strange"}
	shown := []status.Shown{"", status.New, status.KnownIssue, status.Fixed, status.StillFailing, status.FirstRun, status.Flaky, status.Trial}
	kinds := []Kind{Build, Boot, Test}
	f.Fuzz(func(t *testing.T, bits []byte, name, line string) {
		var facts Facts
		for i, b := range bits {
			facts.Results = append(facts.Results, Result{
				Kind: kinds[i%3], Test: name, Arch: fmt.Sprint("arch", b%4), Status: states[int(b)%len(states)], Shown: shown[int(b>>3)%len(shown)],
				URL: fmt.Sprint("https://ci.example.org/r/", i), Lines: []string{line}, Issue: int(b & 3), Signature: map[bool]string{true: line}[b&64 != 0],
			})
		}
		r := Compose(facts)
		places := map[section]int{}
		for _, one := range facts.Results {
			s := sectionOf(one)
			places[s]++
			if one.Status == status.Fail && one.Shown != status.Trial && s == sectionNone {
				t.Errorf("lost %+v", one)
			}
		}
		knownResults := 0
		for _, k := range r.Known {
			knownResults += k.Results
		}
		for _, c := range []struct {
			name     string
			got, say int
		}{
			{"known", knownResults, places[sectionKnown]}, {"fixed", len(r.Fixed), places[sectionFixed]},
			{"still", len(r.Still), places[sectionStill]}, {"first", len(r.FirstRun), places[sectionFirstRun]},
			{"flaky", len(r.Flaky), places[sectionFlaky]},
		} {
			if c.got != c.say {
				t.Errorf("%s: %d told, %d are", c.name, c.got, c.say)
			}
		}
		for i, one := range append(r.Broken, r.Failures...) {
			if one.Number != i+1 || one.Title == "" || len(one.Arches) == 0 {
				t.Errorf("failure %d is %+v", i, one)
			}
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	var f Facts
	for i := range 20000 {
		s := status.Pass
		if i%100 == 0 {
			s = status.Fail
		}
		f.Results = append(f.Results, testOn(fmt.Sprint("suite/case", i), "x86_64", s, map[bool]status.Shown{true: status.New}[s == status.Fail]))
	}
	for b.Loop() {
		Compose(f)
	}
}
