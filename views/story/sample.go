package story

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/id"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// Texts that a page must survive: markup, and a name as long as names get.
const (
	Hostile  = `<script>alert(1)</script>"'><img src=x onerror=alert(2)> javascript:alert(3)`
	LongName = "kselftest/networking/a_directory_with_a_long_name/and-another-one-below-it/test_the_thing_that_has_a_name_of_120_chars.sh"
)

// Samples are made-up values that a person can judge components and pages by.
type Samples struct {
	Now time.Time // their times lie before it
}

// epoch is the day of all made-up ids.
var epoch = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// Nth is a made-up id: the nth of a day, from 1.
func Nth(n int64) id.ID {
	i, err := id.New(epoch, n)
	if err != nil {
		panic(err) // no id has so high a number
	}
	return i
}

// Before is a time before now.
func (s Samples) Before(d time.Duration) time.Time { return s.Now.Add(-d) }

// Revision is the nth checkout of net-next.
func Revision(n int64, describe, subject string) ui.Revision {
	return ui.Revision{ID: Nth(n), Tree: "net-next", Branch: "main", Commit: fmt.Sprintf("%012x%028x", 0x9c1e77aa01cd+(n-1)*0x1234567891, n*7919),
		Describe: describe, Subject: subject}
}

// Head and Base are a checkout and what it is compared with.
func Head() ui.Revision {
	return Revision(1, "v6.12-rc3-412-g9c1e77aa01cd", "tcp: close: drop the extra reference")
}

// Base is what Head is compared with.
func Base() ui.Revision {
	return Revision(2, "v6.12-rc3-381-g77aa01c2b4d1", "Merge branch 'mptcp-fixes'")
}

// cellKinds are the letters of Cells.
var cellKinds = map[rune]chart.Cell{
	'p': {Status: status.Pass}, 'f': {Status: status.Fail}, 'n': {Status: status.Fail, Shown: status.New},
	'k': {Status: status.Fail, Shown: status.KnownIssue}, 'e': {Status: status.Error}, 'm': {Status: status.Miss},
	's': {Status: status.Skip}, 'r': {Status: status.Running}, 'y': {Status: status.Pass, Shown: status.Flaky},
	'q': {Status: status.Queued}, ' ': {},
}

// Cells reads "ppfx": p pass, f fail, n new, k known, e error, m miss, s skip,
// r running, y flaky, q queued, a blank is a gap.
func Cells(letters string) []chart.Cell {
	var list []chart.Cell
	for _, c := range letters {
		list = append(list, cellKinds[c])
	}
	return list
}

// Month is a pass rate over 30 days that goes up and down below a share.
func Month(share float64) []chart.Rate {
	var list []chart.Rate
	for i := range 30 {
		switch {
		case i%11 == 7:
			list = append(list, chart.NoRate())
		default:
			list = append(list, chart.Rate(share-float64((i*7)%5)*(1-share)/2.5-0.02*float64(i%3)))
		}
	}
	return list
}

// Verdict is that of a checkout with two new failures.
func (s Samples) Verdict() ui.Verdict {
	return ui.Verdict{Kind: status.NewFailures, Sentence: "2 new failures, 4 known, 1 fixed",
		Counts:   ui.Counts{Pass: 1204, New: 2, Known: 4, Infra: 2, Missing: 1, Skipped: 31, Flaky: 1, Fixed: 1, StillFailing: 1, FirstRun: 1, Trial: 1},
		Compared: &ui.Compared{Revision: Base(), Verdict: status.NoNewFailures, CommitsBack: 31},
		Started:  s.Before(3*time.Hour + 12*time.Minute), Finished: s.Before(4 * time.Minute), Report: 11520}
}

// Failure is a new one with all its evidence.
func Failure() ui.Failure {
	return ui.Failure{
		Mark: ui.Mark{Status: status.Fail, Shown: status.New}, Result: Nth(31), Tests: []string{"kselftest/net/fib_tests.sh"},
		Arches: []string{"aarch64", "s390x"}, Configs: []string{"debug"}, Compilers: []string{"gcc-14"}, Hosts: 3, PassesOn: []string{"x86_64", "ppc64le"},
		FirstError: "not ok 14 fib_nexthop_nongw", Log: "console.log", Line: 812, Last: Cells("ppppppppppppppppppnn"),
		Before: "passed 38 of 38 on this branch since 2026-10-24", Tries: "failed 2 of 2",
	}
}

// FailureOfMany is one that several tests share, with an issue.
func FailureOfMany() ui.Failure {
	return ui.Failure{
		Mark: ui.Mark{Status: status.Fail, Shown: status.New}, Result: Nth(32),
		Tests:  []string{"ltp/mm/ksm05", "kselftest/net/tls.sh", "ltp/mm/ksm06", "ltp/syscalls/close_range01"},
		Arches: []string{"x86_64"}, Configs: []string{"debug"}, Compilers: []string{"clang-18"}, Hosts: 1,
		FirstError: "BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90", Log: "console.log", Line: 73211,
		Last: Cells("pppp ppppppsppppppkn"), Before: "never seen on this branch", Tries: "failed 2 of 2",
		Issue: &ui.Issue{Number: 412, Title: "UAF in tcp_close"},
	}
}

// Reproduce is the steps to a failure.
func Reproduce() ui.Reproduce {
	return ui.Reproduce{
		Steps: []ui.ReproduceStep{
			{Title: "Get the source", Lines: []string{"git clone https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git", "cd net-next", "git checkout 9c1e77aa01cd"}},
			{Title: "Get the config and build", Lines: []string{"curl -o .config https://ci.example.org/b/5h2kd8/config", "make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- olddefconfig", "make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- -j$(nproc)"}},
			{Title: "Boot it, then as root run the test", Lines: []string{"make -C tools/testing/selftests TARGETS=net TEST_PROGS=fib_tests.sh run_tests"}},
		},
		Needs: []string{"aarch64, 2 CPUs, 4 GB, no special device", "gcc 14.2.1, binutils 2.43, iproute2"},
	}
}

const kernelLog = "[  219.610] ok 13 fib_nexthop\n" +
	"[  219.612] # selftests: net: fib_tests.sh\n" +
	"[  219.630] # IPv4 nexthop with a non-gateway\n" +
	"[  219.631] #     TEST: Nexthop route without gateway              [FAIL]\n" +
	"[  219.633] not ok 14 fib_nexthop_nongw\n" +
	"[  219.640] Download 100%\n" +
	"\n" +
	"[  219.644] <script>alert(1)</script> \uFFFD end"

// Window is lines of a log from a number on: eight, as often as wanted. The
// last one is cut.
func Window(first, repeat int) ui.Window {
	w := ui.Window{First: first, Raw: route.ResultLogRaw(Nth(31), "console.log")}
	for range repeat {
		for text := range strings.SplitSeq(kernelLog, "\n") {
			before, rest, coloured := strings.Cut(text, "FAIL")
			line := ui.Line{Text: []ui.Span{{Text: before}}}
			if coloured {
				line.Text = append(line.Text, ui.Span{Class: "a1", Text: "FAIL"}, ui.Span{Text: rest})
			}
			if text == "" {
				line.Text = nil
			}
			w.Lines = append(w.Lines, line)
		}
	}
	w.Lines[len(w.Lines)-1].Cut = true
	return w
}
