package mail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func checkoutID(t testing.TB) id.ID {
	t.Helper()
	one, err := id.Parse("8f3k2m")
	if err != nil {
		t.Fatal(err)
	}
	return one
}

// header is a finished checkout of net-next, reported to one person.
func header(t testing.TB) notice.Header {
	return notice.Header{
		Checkout: checkoutID(t), Verdict: status.NoNewFailures, Sentence: "No new failures",
		Tree: "net-next", Branch: "main",
		Repository: "https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git",
		Commit:     notice.Commit{SHA: "9c1e77aa01cd4c5c9d5b7d0e4cf0a8f3a2f1e6b7", Subject: "tcp: close: drop the extra reference", Describe: "v6.12-rc3-412-g9c1e77aa01cd"},
		Compared:   &notice.Compared{SHA: "77aa01c2b4d1aaaaaaaa", Tested: at(23, 2, 10), Back: 31},
		Finished:   at(23, 10, 42), Took: 3*time.Hour + 12*time.Minute,
		Counts: []notice.Count{{Name: "Builds", Pass: 24}, {Name: "Boots", Pass: 32}, {Name: "Tests", Pass: 1210, Skip: 31}},
		Links: notice.Links{
			Checkout: "https://ci.example.org/c/8f3k2m", Feedback: "https://ci.example.org/c/8f3k2m?feedback=1",
			Help: "https://ci.example.org/help/report",
		},
		Audience: notice.Audience{Why: "you wrote a commit in this range of net-next", Person: true, Unsubscribe: "https://ci.example.org/unsubscribe/Qm7x"},
		Credit:   "Drover <drover@ci.example.org>",
	}
}

func letter(r notice.Report) Letter {
	return Letter{
		Report: r, Number: 1, Host: "ci.example.org", Date: at(23, 10, 43),
		From: Address{"Drover", "drover@ci.example.org"}, To: Address{"Asha Rao", "asha@example.com"},
	}
}

// failing is the example of the design: two failures, one of them in several places.
func failing(t testing.TB) notice.Facts {
	arm64 := recipe.KBuild{Arch: "arm64", CrossCompile: "aarch64-linux-gnu-"}
	steps := recipe.Command{Command: "make -C tools/testing/selftests TARGETS=net TEST_PROGS=fib_tests.sh run_tests", Format: recipe.KTAP}.
		Reproduce(recipe.Source{
			URL: header(t).Repository, Commit: "9c1e77aa01cd", Config: "https://ci.example.org/b/5h2kd8/config",
			Toolchain: "gcc 14.2.1, binutils 2.43",
		}, &arm64)
	h := header(t)
	h.Verdict, h.Sentence, h.NewCount, h.FixedCount = status.NewFailures, "2 new failures, 4 known, 1 fixed", 2, 1
	h.Counts = []notice.Count{
		{Name: "Builds", Pass: 24}, {Name: "Boots", Pass: 31, Infra: 1},
		{Name: "Tests", Pass: 1204, New: 2, Known: 4, Infra: 1, Miss: 1, Skip: 31}, {Name: "Traces"},
	}
	test := func(name, arch, compiler string, s status.Status, shown status.Shown) notice.Result {
		return notice.Result{Kind: notice.Test, Test: name, Arch: arch, Compiler: compiler, Status: s, Shown: shown}
	}
	fib := test("kselftest/net/fib_tests.sh", "aarch64", "gcc-14", status.Fail, status.New)
	fib.URL, fib.LogURL, fib.BuildURL = "https://ci.example.org/r/7k2m9q", "https://ci.example.org/r/7k2m9q?l=812", "https://ci.example.org/b/5h2kd8"
	fib.Before = notice.History{Passed: 38, Total: 38, Since: time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), TestChanged: "the test changed too"}
	fib.Tries, fib.Failed, fib.Hosts = 2, 2, 2
	fib.Lines = []string{"# IPv4 nexthop with a non-gateway", "#     TEST: Nexthop route without gateway              [FAIL]", "not ok 14 fib_nexthop_nongw"}
	fib.Reproduce = &steps
	s390 := fib
	s390.Arch, s390.URL = "s390x", "https://ci.example.org/r/7k2m9r"
	facts := notice.Facts{Header: h, Issues: []notice.Issue{
		{Number: 412, Title: "xfstests/generic/475 hangs on ppc64le", URL: "https://ci.example.org/i/412"},
		{Number: 398, Title: "stress-ng/af-alg fails without crypto user", URL: "https://ci.example.org/i/398"},
	}}
	facts.Results = append(facts.Results, fib, s390,
		test("kselftest/net/fib_tests.sh", "x86_64", "gcc-14", status.Pass, ""), test("kselftest/net/fib_tests.sh", "ppc64le", "gcc-14", status.Pass, ""))
	ksm := test("ltp/mm/ksm05", "x86_64", "clang-18", status.Fail, status.New)
	ksm.Config, ksm.Signature = "debug", "KASAN: slab-use-after-free in tcp_close"
	ksm.URL, ksm.LogURL = "https://ci.example.org/r/7k2mb4", "https://ci.example.org/r/7k2mb4?l=73211"
	ksm.Before, ksm.Tries, ksm.Failed, ksm.Hosts = notice.History{Elsewhere: "not seen on mainline"}, 2, 2, 1
	ksm.Lines = []string{
		"BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90", "Read of size 8 at addr ffff88810a3b5c40 by task ksm05/4411",
		"Call Trace:", " tcp_close+0x1f/0x90", " inet_release+0x6b/0xb0", " __sock_release+0x6c/0x130",
	}
	facts.Results = append(facts.Results, ksm)
	for i := range 4 {
		one := test(fmt.Sprint("known/", i), "ppc64le", "gcc-14", status.Fail, status.KnownIssue)
		one.Issue = 412
		if i == 3 {
			one.Issue = 398
		}
		facts.Results = append(facts.Results, one)
	}
	fixed := test("kselftest/net/tls.sh", "aarch64", "", status.Pass, status.Fixed)
	fixed.Streak = 4
	nvme := test("blktests/nvme", "s390x", "", status.Miss, "")
	nvme.Reason = "no host was free"
	boot := notice.Result{Kind: notice.Boot, Arch: "ppc64le", Status: status.Error, Reason: "the machine did not install", Tries: 3}
	facts.Results = append(facts.Results, fixed, nvme, boot)
	return facts
}

// samples are the golden mails, by name of their file.
func samples(t testing.TB) map[string]Letter {
	list := map[string]Letter{"new": letter(notice.Compose(failing(t)))}

	pass := header(t)
	list["pass"] = letter(notice.Compose(notice.Facts{Header: pass}))

	fixed := header(t)
	fixed.Sentence, fixed.FixedCount = "No new failures, 1 fixed", 1
	fixed.Audience.Why = "you got the report of a failure that is fixed"
	list["fixed"] = letter(notice.Compose(notice.Facts{Header: fixed, Results: []notice.Result{
		{Kind: notice.Test, Test: "kselftest/net/tls.sh", Arch: "aarch64", Config: "defconfig", Status: status.Pass, Shown: status.Fixed, Streak: 4},
		{Kind: notice.Test, Test: "ltp/net/sctp", Arch: "x86_64", Config: "defconfig", Status: status.Pass, Shown: status.Flaky, Tries: 2, Failed: 1},
	}}))

	list["broken"] = letter(notice.Compose(broken(t)))
	list["list"] = toList(notice.Compose(failing(t)))

	partial := failing(t)
	partial.Partial, partial.Took = true, 12*time.Hour
	partial.Results = append(partial.Results, notice.Result{Kind: notice.Test, Test: "a", Arch: "x86_64", Status: status.Running}, notice.Result{Kind: notice.Test, Test: "b", Arch: "x86_64", Status: status.Running})
	list["partial"] = letter(notice.Compose(partial))

	infra := header(t)
	infra.Verdict, infra.Sentence, infra.Compared = status.Unclear, "Not enough results: 41 of 120 tests have none", nil
	infra.Counts = []notice.Count{{Name: "Builds", Pass: 3}, {Name: "Tests", Pass: 79, Infra: 40, Miss: 1}}
	infra.Audience = notice.Audience{Why: "you keep the machines of this installation"}
	facts := notice.Facts{Header: infra}
	for range 40 {
		facts.Results = append(facts.Results, notice.Result{Kind: notice.Test, Test: "t", Arch: "x86_64", Status: status.Error, Reason: "the lab did not answer"})
	}
	facts.Results = append(facts.Results, notice.Result{Kind: notice.Test, Test: "blktests/nvme", Arch: "s390x", Status: status.Miss, Reason: "no host was free"})
	list["infra"] = letter(notice.Compose(facts))

	corrected := header(t)
	corrected.Corrects = &notice.Corrected{Finished: at(23, 10, 42), Sentence: "2 new failures, 4 known"}
	correction := letter(notice.Compose(notice.Facts{Header: corrected}))
	correction.Number, correction.Date = 2, at(24, 8, 0)
	list["correction"] = correction

	list["series"] = letter(notice.Compose(series(t)))
	list["many"] = letter(notice.Compose(many(t)))
	list["hostile"] = hostile(t)
	return list
}

func toList(r notice.Report) Letter {
	r.Audience = notice.Audience{Why: "this list gets the reports of net-next", Stop: "https://ci.example.org/trees/net-next/-/mail", Unsubscribe: "https://ci.example.org/unsubscribe/never"}
	l := letter(r)
	l.To = Address{"", "netdev@lists.example.org"}
	l.ReplyTo = "kernel-ci@example.org"
	return l
}

func broken(t testing.TB) notice.Facts {
	h := header(t)
	h.Verdict, h.Sentence, h.NewCount = status.Broken, "Does not build on 2 of 8 configurations", 2
	h.Counts = []notice.Count{{Name: "Builds", Pass: 5, New: 2, Other: 1}}
	kernel := recipe.KBuild{Arch: "s390", CrossCompile: "s390x-linux-gnu-"}
	steps := kernel.Reproduce(recipe.Source{URL: h.Repository, Commit: "9c1e77aa01cd", Config: "https://ci.example.org/b/5h2kd9/config"})
	build := func(arch, config string, shown status.Shown) notice.Result {
		return notice.Result{
			Kind: notice.Build, Arch: arch, Config: config, Compiler: "gcc-14", Status: status.Fail, Shown: shown,
			URL: "https://ci.example.org/b/" + arch, BuildURL: "https://ci.example.org/b/" + arch,
			Before: notice.History{Passed: 112, Total: 112}, Reproduce: &steps,
			Lines: []string{
				"drivers/net/exdrv/ring.c: In function ‘exdrv_start’:",
				"drivers/net/exdrv/ring.c:212:9: error: implicit declaration of function ‘exdrv_kick’; did you mean ‘exdrv_tick’? [-Wimplicit-function-declaration]",
				"  212 |\texdrv_kick(ring);", "      |         ^~~~~~~~~~", "      |         exdrv_tick",
			},
		}
	}
	old := build("arm", "multi_v7_defconfig", status.StillFailing)
	old.Streak = 6
	return notice.Facts{Header: h, Results: []notice.Result{
		build("s390", "defconfig", status.New), build("s390", "debug_defconfig", status.New), old,
	}}
}

func series(t testing.TB) notice.Facts {
	f := failing(t)
	f.Sentence, f.NewCount = "1 new failure with patch 4/7 that is not there without it", 1
	f.Results = f.Results[:1]
	f.Issues = nil
	f.Series = &notice.Series{
		Version: 3, Patches: 7, Base: "net-next 77aa01c2b4d1", Guilty: 4,
		Subject:   "[PATCH net-next v3 0/7] tcp: rework the close path",
		MessageID: "<20261122101040.1234-1-asha@example.com>",
		Lines: []notice.PatchLine{
			{Number: 1, Subject: "tcp: name the states", Built: status.Pass, Tested: status.Pass},
			{Number: 4, Subject: "tcp: close: drop the extra reference that nobody held since the rework of the timers", Built: status.Pass, Tested: status.Fail, Note: "1 new failure"},
			{Number: 5, Subject: "tcp: remove the flag", Built: status.Fail},
		},
	}
	f.Audience.Why = "you sent the series"
	return f
}

// many has more of everything than a mail takes.
func many(t testing.TB) notice.Facts {
	h := header(t)
	h.Verdict, h.Sentence, h.NewCount = status.NewFailures, "75 new failures", 75
	f := notice.Facts{Header: h}
	for i := range 75 {
		f.Results = append(f.Results, notice.Result{
			Kind: notice.Test, Test: fmt.Sprintf("suite/case%02d", i), Arch: "x86_64", Status: status.Fail, Shown: status.New,
			URL: fmt.Sprint("https://ci.example.org/r/", i), Lines: []string{fmt.Sprint("not ok ", i)}, Before: notice.History{Passed: 3, Total: 3},
		}, notice.Result{Kind: notice.Test, Test: fmt.Sprintf("old/case%02d", i), Arch: "x86_64", Status: status.Fail, Shown: status.StillFailing, Streak: i})
	}
	return f
}

// hostile has everything that people and logs can put into a report.
func hostile(t testing.TB) Letter {
	h := header(t)
	h.Verdict, h.Sentence, h.NewCount = status.NewFailures, "1 new failure\r\nBcc: all@example.com", 1
	h.Tree, h.Branch = "bad\r\nX-Evil: 1", "feature/\u202eright-to-left\nX-Evil: 2"
	h.Repository = "https://git.example.org/a b\r\nX-Evil: 3/ü.git"
	h.Commit.Subject = "fix: Grüße aus Łódź “quoted” 日本語 \x1b[31mred\x00\xff\r\n\r\nDear reader, click https://evil.example.com/" + strings.Repeat("x", 100)
	h.Commit.Describe = strings.Repeat("v6.12-", 30)
	h.Audience.Why = "x\n-- \nforged signature"
	recipes := recipe.Reproduction{
		Steps: []recipe.ReproduceStep{{Title: "Run", Lines: []string{"./" + strings.Repeat("long", 30), "echo 日本\r\n\x1b[2J"}}},
		Needs: []string{"gcc\nBcc: x"},
	}
	r := notice.Compose(notice.Facts{Header: h, Results: []notice.Result{{
		Kind: notice.Test, Test: strings.Repeat("ksélftest/", 14), Arch: "x86_64", Config: strings.Repeat("c", 90), Status: status.Fail, Shown: status.New,
		URL: "https://ci.example.org/r/1", LogURL: "javascript:alert(1)\n.", Reproduce: &recipes,
		Lines: []string{
			"\x1b[1;31merror:\x1b[0m tabs\there\t| and a very long line that goes on until it is cut at the margin, as logs do",
			"From nobody", ".", "carriage\rreturn", "bad \xff\xfe bytes, NUL \x00, 日本語, emoji 🐑", "",
			"https://example.com/" + strings.Repeat("y", 100),
		},
	}}})
	r.Known = []notice.Known{{Number: 1234567, Title: strings.Repeat("title ", 30), URL: "https://ci.example.org/i/1", Results: 1}}
	r.Fixed = []string{"a\r\nb", strings.Repeat("z", 200)}
	l := letter(r)
	l.From.Name = "Drover\r\nBcc: evil@example.com"
	l.To.Name = `Ünal "the \ tester" Ŵ <x@y>` + "\nX-Evil: 4"
	return l
}
