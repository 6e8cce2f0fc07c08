package consolelog

import (
	"iter"
	"regexp"
	"slices"
)

// Rule names a kind of line. The first row of the table whose pattern matches
// a line is the rule of that line.
type Rule struct {
	Name     string
	Severity Severity
	// Literals: every line that the pattern matches holds one of these. They
	// are what is looked for before a regular expression runs at all.
	Literals []string
	// Pattern is matched against the clean line without its leading blanks,
	// log level and time stamps, so that ^ means the begin of the message.
	Pattern *regexp.Regexp
	// Kernel: only lines with a kernel time stamp.
	Kernel bool
}

// Rules are all rules in their order of precedence.
func Rules() iter.Seq[Rule] { return slices.Values(rules) }

func re(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

func oneOf(literals ...string) []string { return literals }

// rules is the one table of what a line means. At most 64 rows, since the set
// of rows that may match a line is a word of bits.
//
// Sources: the kernel's own printk texts (lib/bug.c, kernel/panic.c, mm/kasan,
// kernel/locking/lockdep.c, kernel/rcu/tree_stall.h, kernel/hung_task.c),
// KTAP version 2, lib/kunit, kselftest_harness.h, LTP's tst_res, gcc, clang,
// rustc, binutils, scripts/mod/modpost.c, GNU make, bash and dash.
var rules = []Rule{
	// What looks like an error and is none.
	{"source excerpt", None, oneOf("| "), re(`^\d* *\| `), false}, // a compiler shows the line it means
	{"shell trace", None, oneOf("+ "), re(`^\++ `), false},        // set -x
	{"end of trace", None, oneOf("---[ end "), re(`---\[ end `), false},
	{"expected failure", None, oneOf("not ok"), re(`^(?:#\s*)*not ok\b.*#\s*(?i:skip|todo|xfail)\b`), false},

	// The kernel stops, hangs or is corrupted.
	{"panic after report", Failure, oneOf("Kernel panic - not syncing"),
		re(`Kernel panic - not syncing: .*(?:Fatal exception|panic_on_\w+ set|hung_task: |softlockup: |RCU Stall|Hard LOCKUP)`), false},
	{"kernel panic", Crash, oneOf("Kernel panic - not syncing"), re(`Kernel panic - not syncing`), false},
	{"kasan", Crash, oneOf("BUG: KASAN: "), re(`\bBUG: KASAN: `), false},
	{"kfence", Crash, oneOf("BUG: KFENCE: "), re(`\bBUG: KFENCE: `), false},
	{"kmsan", Crash, oneOf("BUG: KMSAN: "), re(`\bBUG: KMSAN: `), false},
	{"kcsan", Failure, oneOf("BUG: KCSAN: "), re(`\bBUG: KCSAN: `), false},
	{"ubsan", Failure, oneOf("UBSAN: "), re(`(?:^|\s)UBSAN: `), false},
	{"lockup", Crash, oneOf("lockup", "LOCKUP"), re(`\bBUG: .*\blockup\b|[Ww]atchdog detected hard LOCKUP`), false},
	{"rcu stall", Crash, oneOf("detected stall", "detected expedited stall"), re(`\brcu\w*:? .*detected (?:expedited )?stalls?\b`), false},
	{"hung task", Crash, oneOf("INFO: task "), re(`\bINFO: task .+ blocked (?:for|in I/O wait for) more than \d`), false},
	{"lockdep", Failure, oneOf(
		"possible circular lock", "possible recursive lock", "possible irq lock", "inconsistent lock state", "suspicious RCU usage",
		"bad unlock balance", "held lock freed", "lock inversion dependency", "trying to register non-static key",
		"-unsafe lock order detected", "Invalid wait context", "lock held when returning to user space"),
		re(`possible (?:circular|recursive|irq) lock|inconsistent lock state|suspicious RCU usage|bad unlock balance|held lock freed|` +
			`lock inversion dependency|trying to register non-static key|-unsafe lock order detected|\[ (?:BUG: )?Invalid wait context|` +
			`lock held when returning to user space`), false},
	{"kernel bug", Crash, oneOf("BUG at "), re(`\bkernel BUG at `), false},
	{"oops", Crash, oneOf("BUG: unable to handle", "Unable to handle kernel", "general protection fault", "Internal error: ", "Oops",
		" [#", "PANIC: ", "Unhandled fault"),
		re(`\bBUG: unable to handle|\bUnable to handle kernel|\bgeneral protection fault[,:]|\bInternal error: .*\[#\d+\]|` +
			`\bOops(?::| -|\[#)|^[\w ,-]+: [0-9a-f]{4,} \[#\d+\]|\bPANIC: double fault|\bUnhandled fault: `), false},
	{"bug", Crash, oneOf("BUG: "), re(`(?:^|[^\w./-])BUG: `), false},
	{"usercopy", Crash, oneOf("ernel memory "), re(`\busercopy: [Kk]ernel memory (?:exposure|overwrite) attempt`), false},
	{"list corruption", Failure, oneOf("list_add corruption", "list_del corruption"), re(`\blist_(?:add|del) corruption`), false},
	{"refcount", Failure, oneOf("refcount_t: "), re(`\brefcount_t: `), false},
	{"memory leak", Failure, oneOf("suspected memory leak"), re(`\bkmemleak: \d+ new suspected memory leaks?`), false},
	{"warning", Failure, oneOf("WARNING: "), re(`(?:^|[^\w./-])WARNING: (?:CPU: \d+ PID: \d+ |[\w./-]+\.[chS]:\d+ at |at [\w./-]+:\d+)`), false},
	{"hardware", Failure, oneOf("[Hardware Error]"), re(`\[Hardware Error\]`), false},
	{"file system", Failure, oneOf("-fs error", "orruption ", "Internal error ", "BTRFS", "I/O error, dev "),
		re(`\bEXT[234]-fs error\b|\bXFS \(\S+\): (?:Metadata c|C)orruption |\bXFS \(\S+\): Internal error|\bBTRFS (?:critical|error)\b|I/O error, dev \w+, sector`), false},

	// Memory ran out. A limit of a control group is often the test itself.
	{"memory limit", Warning, oneOf("emory cgroup out of memory", "CONSTRAINT_MEMCG", "invoked oom-killer"),
		re(`Memory cgroup out of memory|CONSTRAINT_MEMCG|invoked oom-killer`), false},
	{"out of memory", Failure, oneOf("Out of memory: Kill", "oom-kill:"), re(`Out of memory: Kill|\boom-kill:constraint=`), false},
	{"disk full", Error, oneOf("No space left on device"), re(`No space left on device`), false},

	// Tests say what they expected; `not ok` only that it was otherwise.
	{"kunit", Error, oneOf("EXPECTATION FAILED at ", "ASSERTION FAILED at "), re(`\b(?:EXPECTATION|ASSERTION) FAILED at \S`), false},
	{"kunit stopped", Error, oneOf(": try timed out", ": try faulted", ": internal error occurred"),
		re(`^# \S+: (?:try timed out|try faulted|internal error occurred)`), false},
	{"kselftest assertion", Error, oneOf(":Expected "), re(`^(?:#\s*)*[\w./-]+\.\w+:\d+:[\w.-]+:Expected `), false},
	{"ltp", Error, oneOf("TFAIL", "TBROK"), re(`(?:^|\s)(?:TFAIL|TBROK)(?:\s*:|\s{2}|$)`), false},
	{"not ok", Failure, oneOf("not ok"), re(`^(?:#\s*)*not ok(?:\s+\d|\s+-|\s*$)`), false},
	{"test failed", Failure, oneOf("FAIL"), re(`\[\s*FAIL(?:ED)?\s*\]$|^\[  FAILED  \] `), false},
	{"service", Warning, oneOf("[FAILED] ", "[DEPEND] "), re(`^\[(?:FAILED|DEPEND)\] `), false}, // systemd

	// The machine was not installed or the lab gave up.
	{"install", Error, oneOf("emergency mode", "dracut", "naconda", "he following error occurred while installing"),
		re(`[Ee]nter(?:ing)? emergency mode|You are in emergency mode|\bdracut-initqueue\S*: .*(?:timeout|Could not boot)|` +
			`\b[Aa]naconda\b.*\b(?:exited on signal|terminated)|The following error occurred while installing`), false},
	{"watchdog", Error, oneOf("xternal Watchdog Expired", "ocal Watchdog Expired"), re(`(?:External|Local) Watchdog Expired`), false},

	// Builds: first what only repeats an error, then the errors.
	{"linker place", Consequence, oneOf(": in function "), re("(?:^|[-/])ld(?:\\.\\w+)?: .*: in function [`']"), false},
	{"compile stopped", Consequence, oneOf("ld returned", "linker command failed", "aborting due to", "could not compile"),
		re(`^\S*collect2: error: ld returned|\berror: (?:linker command failed|aborting due to|could not compile)`), false},
	{"modpost", Error, oneOf("ERROR: modpost: ", "] undefined!"), re(`^ERROR: modpost: |^ERROR: "[^"]+" \[[^\]]+\] undefined!`), false},
	{"btf", Error, oneOf("FAILED: load BTF", "FAILED unresolved symbol"), re(`^FAILED(?:: load BTF| unresolved symbol)`), false},
	{"linker error", Error, oneOf("undefined reference to", "undefined symbol", "multiple definition of", "relocation truncated to fit"),
		re("\\bundefined reference to [`'\"]|\\bundefined symbol: |\\bmultiple definition of [`'\"]|\\brelocation truncated to fit: "), false},
	{"compiler error", Error, oneOf("rror: "),
		re(`^[^\s:][^:]*:\d+(?::\d+)?: (?:fatal )?(?:error|Error): |^\S*\b(?:cc1(?:plus)?|gcc|g\+\+|cc|clang|as|ld\.lld|rust-lld|rustc)(?:-[\d.]+)?: (?:fatal )?error: |` +
			`^vmlinux\S*: error: |^\S+\.o: error: `), false},
	{"rust error", Error, oneOf("error[E"), re(`^error\[E\d+\]: `), false},
	{"compiler warning", Warning, oneOf("arning: ", "WARNING: modpost: "), re(`^\S[^:]*:(?:\d+(?::\d+)?:)? [Ww]arning: |^WARNING: modpost: `), false},
	{"linker", Error, oneOf("ld: ", "ld.bfd: ", "ld.lld: ", "ld.gold: "), re(`^(?:\S*[-/])?ld(?:\.\w+)?: \S`), false},
	{"make ignored", Warning, oneOf(" (ignored)"), re(`make(?:\[\d+\])?: (?:\*\*\* )?\[.*\] Error \d+ \(ignored\)`), false},
	{"no rule", Error, oneOf("*** No rule to make target"), re(`make(?:\[\d+\])?: \*\*\* No rule to make target`), false},
	{"make stop", Error, oneOf("Stop."), re(`: \*\*\* .*\S\.\s+Stop\.$`), false},
	{"make", Consequence, oneOf(": *** ["), re(`make(?:\[\d+\])?: \*\*\* \[.+\] (?:Error \d+|\w+)`), false},
	{"kconfig", Error, oneOf("Kconfig", "*** Configuration file"), re(`^\S*Kconfig\S*:\d+: |^\*\*\* Configuration file `), false},

	// Shells and programs.
	{"shell syntax", Error, oneOf("yntax error", "unexpected EOF", "unbound variable", "ad substitution"),
		re(`^\S+: (?:line )?\d+: .*(?:[Ss]yntax error|unexpected EOF|unbound variable|[Bb]ad substitution)`), false},
	{"command not found", Failure, oneOf("not found"), re(`^\S+: (?:line )?(?:\d+: )?\S.*: (?:command )?not found$|^\S+: command not found$`), false},
	{"no such file", Failure, oneOf("No such file or directory"), re(`^(?:make(?:\[\d+\])?|\S*\benv|\S*\b(?:ba|da)?sh): .*: No such file or directory$`), false},
	{"permission", Failure, oneOf("Permission denied"), re(`: Permission denied\.?$`), false},
	{"killed", Failure, oneOf("Killed"), re(`^Killed$|^\S+: line \d+:\s+\d+ Killed\b`), false},
	{"segmentation fault", Failure, oneOf("egmentation fault", "segfault at ", "traps: "),
		re(`\b[Ss]egmentation fault\b|\bsegfault at [0-9a-f]+ ip |\btraps: \S.* (?:general protection fault|trap \S)`), false},
	{"traceback", Failure, oneOf("Traceback (most recent call last)"), re(`^Traceback \(most recent call last\)`), false},
	{"network", Failure, oneOf("curl: (", "Could not resolve host"), re(`^curl: \(\d+\) |\bCould not resolve host\b`), false},

	// What calls itself an error, last.
	{"error", Error, oneOf("rror: ", "fatal: "), re(`^(?:fatal|error): \S`), false},
	{"error word", Failure, oneOf("ERROR: ", "Error: "), re(`^(?:ERROR|Error): \S`), false},
	{"kernel warning", Failure, oneOf("WARNING: "), re(`(?:^|[^\w./-])WARNING: `), true},
	{"warning word", Warning, oneOf("WARNING: ", "arning: "), re(`^(?:WARNING|[Ww]arning): \S`), false},
	{"call trace", Consequence, oneOf("Call Trace:", "Call trace:"), re(`^Call [Tt]race:`), false},
}
