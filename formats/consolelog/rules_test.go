package consolelog

import (
	"strings"
	"testing"
)

// lineCases is the documentation of the rules: a line as it stands in a log
// and the rule that names it, "" for none.
var lineCases = []struct{ line, rule string }{
	// The kernel.
	{"[  219.633012] BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90", "kasan"},
	{"<3>[  219.633012][ T4411] BUG: KASAN: global-out-of-bounds in probe+0x1f/0x90", "kasan"},
	{"2026-11-27T10:42:07.123Z [   12.000001] BUG: KFENCE: memory corruption in free+0x9/0x20", "kfence"},
	{"BUG: KMSAN: uninit-value in sendto+0x1/0x2", "kmsan"},
	{"[    7.100000] BUG: KCSAN: data-race in a / b", "kcsan"},
	{"[    7.100000] UBSAN: array-index-out-of-bounds in drivers/x/y.c:12:3", "ubsan"},
	{"[    7.100000] BUG: kernel NULL pointer dereference, address: 0000000000000008", "bug"},
	{"[    7.100000] BUG: unable to handle page fault for address: ffffffffdeadbeef", "oops"},
	{"[    7.100000] Unable to handle kernel paging request at virtual address dfff800000000000", "oops"},
	{"[    7.100000] Oops: general protection fault, probably for non-canonical address 0xdff: 0000 [#1] SMP", "oops"},
	{"[    7.100000] Oops - BUG: 0 [#1] SMP ARM", "oops"},
	{"[    7.100000] Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP", "oops"},
	{"[    7.100000] divide error: 0000 [#1] SMP", "oops"},
	{"[    7.100000] invalid opcode: 0000 [#2] PREEMPT SMP KASAN", "oops"},
	{"[    7.100000] PANIC: double fault, error_code: 0x0", "oops"},
	{"login: [    7.100000] kernel BUG at mm/slub.c:432!", "kernel bug"},
	{"[    7.100000] BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585", "bug"},
	{"[    7.100000] BUG: Bad page state in process swapper/0  pfn:12345", "bug"},
	{"[    7.100000] usercopy: Kernel memory exposure attempt detected from SLUB object 'x'", "usercopy"},
	{"[    7.100000] list_del corruption. prev->next should be ffff888, but was dead", "list corruption"},
	{"[    7.100000] refcount_t: underflow; use-after-free.", "refcount"},
	{"[    7.100000] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", "memory leak"},
	{"[    7.100000] WARNING: CPU: 1 PID: 99 at net/core/dev.c:1234 netif_rx+0x12/0x34", "warning"},
	{"[    7.100000] WARNING: net/core/dev.c:1234 at netif_rx+0x12/0x34, CPU#1: ip/99", "warning"},
	{"[    7.100000] WARNING: stack recursion on stack type 4", "kernel warning"},
	{"[    7.100000] WARNING: possible circular locking dependency detected", "lockdep"},
	{"[    7.100000] WARNING: suspicious RCU usage", "lockdep"},
	{"[    7.100000] [ BUG: bad unlock balance detected! ]", "lockdep"},
	{"[    7.100000] WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", "lockdep"},
	{"[    7.100000] INFO: trying to register non-static key.", "lockdep"},
	{"[    7.100000] [ BUG: Invalid wait context ]", "lockdep"},
	{"[    7.100000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", "rcu stall"},
	{"[    7.100000] INFO: rcu_sched self-detected stall on CPU", "rcu stall"},
	{"[    7.100000] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... }", "rcu stall"},
	{"[  369.100000] INFO: task kworker/0:1:12 blocked for more than 122 seconds.", "hung task"},
	{"[  369.100000] INFO: task udevd:5612 blocked in I/O wait for more than 143 seconds.", "hung task"},
	{"[   48.100000] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [ip:12]", "lockup"},
	{"[   48.100000] watchdog: CPU2: Watchdog detected hard LOCKUP on cpu 2", "lockup"},
	{"[   48.100000] BUG: workqueue lockup - pool cpus=0 node=0 stuck for 31s!", "lockup"},
	{"[    1.200000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "kernel panic"},
	{"[    1.200000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", "kernel panic"},
	{"[    1.200000] Kernel panic - not syncing: Fatal exception in interrupt", "panic after report"},
	{"[    1.200000] Kernel panic - not syncing: kernel: panic_on_warn set ...", "panic after report"},
	{"[    1.200000] Kernel panic - not syncing: hung_task: blocked tasks", "panic after report"},
	{"[    1.200000] ---[ end Kernel panic - not syncing: Fatal exception ]---", ""},
	{"[    1.200000] ---[ end trace 0000000000000000 ]---", ""},
	{"[    1.200000] Call Trace:", "call trace"},
	{"[    1.200000] Out of memory: Killed process 812 (stress) total-vm:12kB", "out of memory"},
	{"[    1.200000] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)", "out of memory"},
	{"[    1.200000] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)", "memory limit"},
	{"[    1.200000] Memory cgroup out of memory: Killed process 812 (stress)", "memory limit"},
	{"[    1.200000] stress invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0", "memory limit"},
	{"[    1.200000] EXT4-fs error (device sda1): ext4_lookup:1234: inode #2: comm ls", "file system"},
	{"[    1.200000] XFS (sda1): Metadata corruption detected at xfs_agf_verify", "file system"},
	{"[    1.200000] I/O error, dev sda, sector 2048 op 0x0:(READ)", "file system"},
	{"[    1.200000] mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5", "hardware"},
	{"[    1.200000] ip[99]: segfault at 8 ip 00007f12 sp 00007ffd error 4 in libc.so", "segmentation fault"},
	{"[    1.200000] traps: ip[99] general protection fault ip:7f12 sp:7ffd error:0 in libc.so", "segmentation fault"},

	// Tests.
	{"    # example_test: EXPECTATION FAILED at lib/kunit/example.c:29", "kunit"},
	{"[    0.500000]     # example_test: ASSERTION FAILED at lib/kunit/example.c:29", "kunit"},
	{"    # example_test: try timed out", "kunit stopped"},
	{"    not ok 1 example_test", "not ok"},
	{"[    0.500000] not ok 3 - suite", "not ok"},
	{"# # not ok 14 fib_nexthop_nongw", "not ok"},
	{"not ok", "not ok"},
	{"not ok 4 selftests: net: slow.sh # TIMEOUT 45 seconds", "not ok"},
	{"not ok 4 needs_device # SKIP no device", ""},
	{"# not ok 4 broken # TODO rewrite", ""},
	{"not ok 4 broken #XFAIL known", ""},
	{"not okay, but no result either", ""},
	{"ok 4 not ok is in my name", ""},
	{"ok 1 example_test", ""},
	{"# tls.c:120:global.recv:Expected ret (-1) == 5 (5)", "kselftest assertion"},
	{"fork01.c:52: TFAIL: fork() returned twice", "ltp"},
	{"fork01     1  TBROK  :  tst_tmpdir.c:100: cannot make a directory", "ltp"},
	{"ksm05.c:12: \x1b[1;31mTFAIL: \x1b[0mcrashed", "ltp"},
	{"defines STFAIL and TFAILED", ""},
	{"    TEST: Nexthop route without gateway              [FAIL]", "test failed"},
	{"[  FAILED  ] suite.case (12 ms)", "test failed"},
	{"    TEST: Nexthop route with gateway                 [ OK ]", ""},
	{"[FAILED] Failed to start foo.service - Foo.", "service"},
	{"Traceback (most recent call last):", "traceback"},

	// Builds.
	{"drivers/net/foo.c:12:5: error: 'bar' undeclared (first use in this function)", "compiler error"},
	{"drivers/net/foo.c:12: error: expected ';'", "compiler error"},
	{"./include/linux/foo.h:3:10: fatal error: bar.h: No such file or directory", "compiler error"},
	{"\x1b[01m\x1b[Kfoo.c:1:2:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kexpected", "compiler error"},
	{"arch/x86/foo.S:12: Error: no such instruction: `frob'", "compiler error"},
	{"cc1: fatal error: opening output file a.o: Invalid argument", "compiler error"},
	{"gcc-14: error: unrecognized command-line option '-mfoo'", "compiler error"},
	{"x86_64-linux-gnu-gcc: fatal error: Killed signal terminated program cc1", "compiler error"},
	{"/tmp/ccx.s: fatal error: error writing to /tmp/ccx.s: No space left on device", "disk full"},
	{"clang: error: linker command failed with exit code 1 (use -v)", "compile stopped"},
	{"vmlinux.o: error: objtool: foo+0x1: unreachable", "compiler error"},
	{"vmlinux.o: warning: objtool: foo+0x1: unreachable instruction", "compiler warning"},
	{"drivers/net/foo.c:12:5: warning: unused variable 'x' [-Wunused-variable]", "compiler warning"},
	{"   12 |         return BUG: error: x;", ""},
	{"      | ^~~~ error: ", ""},
	{"error[E0425]: cannot find value `x` in this scope", "rust error"},
	{"error: aborting due to 1 previous error", "compile stopped"},
	{"ld: drivers/foo.o: in function `bar':", "linker place"},
	{"foo.c:(.text+0x12): undefined reference to `baz'", "linker error"},
	{"ld.lld: error: undefined symbol: baz", "linker error"},
	{"/usr/bin/x86_64-linux-gnu-ld: a.o:(.bss+0x0): multiple definition of `x'; b.o: first defined here", "linker error"},
	{"ld: cannot find -lelf: No such file or directory", "linker"},
	{"ld: warning: vmlinux has a LOAD segment with RWX permissions", "compiler warning"},
	{"collect2: error: ld returned 1 exit status", "compile stopped"},
	{`ERROR: modpost: "foo" [drivers/bar.ko] undefined!`, "modpost"},
	{`ERROR: "foo" [drivers/bar.ko] undefined!`, "modpost"},
	{"WARNING: modpost: missing MODULE_DESCRIPTION() in x.o", "compiler warning"},
	{"FAILED: load BTF from vmlinux: Invalid argument", "btf"},
	{"make[3]: *** [scripts/Makefile.build:244: drivers/net/foo.o] Error 1", "make"},
	{"make[3]: *** [scripts/Makefile.build:244: drivers/net/foo.o] Killed", "make"},
	{"make: *** [Makefile:12: clean] Error 1 (ignored)", "make ignored"},
	{"make: [Makefile:12: clean] Error 1 (ignored)", "make ignored"},
	{"make[1]: *** No rule to make target 'foo.o', needed by 'bar'.  Stop.", "no rule"},
	{"Makefile:12: *** missing separator.  Stop.", "make stop"},
	{"make: *** Waiting for unfinished jobs....", ""},
	{"drivers/foo/Kconfig:12: syntax error", "kconfig"},
	{`*** Configuration file ".config" not found!`, "kconfig"},
	{"make: gcc-99: No such file or directory", "no such file"},
	{"/bin/sh: 1: flex: not found", "command not found"},
	{"./run.sh: line 3: frob: command not found", "command not found"},
	{"bash: frob: command not found", "command not found"},
	{"bash: ./run.sh: Permission denied", "permission"},
	{"./run.sh: line 12: syntax error near unexpected token `fi'", "shell syntax"},
	{"run.sh: 3: Syntax error: end of file unexpected", "shell syntax"},
	{"./run.sh: line 3: FOO: unbound variable", "shell syntax"},
	{"Killed", "killed"},
	{"./run.sh: line 3:  4411 Killed                  ./ksm05", "killed"},
	{"Segmentation fault (core dumped)", "segmentation fault"},
	{"curl: (28) Failed to connect", "network"},
	{"fatal: unable to access 'https://git.example.org/': Could not resolve host: git.example.org", "network"},
	{"fatal: not a git repository", "error"},
	{"ERROR: Root privileges required", "error word"},
	{"WARNING: this program is old", "warning word"},
	{"systemd[1]: Entering emergency mode. Exit the shell to continue.", "install"},
	{"External Watchdog Expired", "watchdog"},

	// The same words inside a path, a name or a command are no error.
	{"  CC      drivers/bug.o", ""},
	{"  CC      lib/error_report.o", ""},
	{"  CC [M]  fs/BUG:foo.o", ""},
	{"  LD      kernel/panic.o", ""},
	{"gcc -DNAME=panic -c -o oops.o oops.c", ""},
	{"-rw-r--r-- 1 root root 12 Nov 27 WARNING", ""},
	{"[    1.0] DEBUG: all is well", ""},
	{"[    1.0] MY_BUG: 12", ""},
	{"/sys/kernel/BUG: no", ""},
	{"CONFIG_BUG=y", ""},
	{"Installing: kernel-oops-1.2", ""},
	{"[    1.0] Kernel command line: panic=10 oops=panic", ""},
	{"[    1.0] rcu: Hierarchical RCU implementation.", ""},
	{"[    1.0] ERST: Error Record Serialization Table (ERST) support is initialized.", ""},
	{"[    1.0] EXT4-fs (sda1): re-mounted. errors=remount-ro", ""},
	{"+ echo BUG: nothing", ""},
	{"0 errors, 0 warnings", ""},
	{"", ""},
}

func TestRules(t *testing.T) {
	m := NewMatcher()
	seen := map[string]bool{}
	for _, c := range lineCases {
		rule, ok := m.Match([]byte(c.line))
		if ok != (c.rule != "") || rule.Name != c.rule {
			t.Errorf("%q\n\tgot  %q\n\twant %q", c.line, rule.Name, c.rule)
		}
		seen[rule.Name] = true
		for _, wrapped := range []string{c.line + "\r\n", c.line + "\x1b[0m", "12 %\r" + c.line} {
			if got, _ := m.Match([]byte(wrapped)); got.Name != c.rule && c.line != "" {
				t.Errorf("%q: %q, want %q", wrapped, got.Name, c.rule)
			}
		}
	}
	for rule := range Rules() {
		if rule.Severity != None && !seen[rule.Name] {
			t.Errorf("rule %q has no case", rule.Name)
		}
	}
}

func TestTableOfRules(t *testing.T) {
	if len(rules) > 64 {
		t.Fatalf("%d rules do not fit into a word of bits", len(rules))
	}
	names := map[string]bool{}
	for _, rule := range rules {
		if rule.Name == "" || names[rule.Name] {
			t.Errorf("rule name %q is empty or taken", rule.Name)
		}
		names[rule.Name] = true
		if len(rule.Literals) == 0 {
			t.Errorf("rule %q has no literal", rule.Name)
		}
		for _, literal := range rule.Literals {
			if len(literal) < 2 || !plain([]byte(literal)) {
				t.Errorf("rule %q: literal %q is too short or not plain", rule.Name, literal)
			}
		}
	}
}

// TestPrefilterLosesNothing compares with the plain way, on every case with
// something before, after, or torn out.
func TestPrefilterLosesNothing(t *testing.T) {
	m := NewMatcher()
	for _, c := range lineCases {
		for _, line := range []string{c.line, "  " + c.line, "x" + c.line, "# " + c.line, c.line + ".", c.line + " é\x00",
			strings.ToUpper(c.line), strings.ToLower(c.line), strings.ReplaceAll(c.line, ": ", ":"), strings.ReplaceAll(c.line, " ", "  ")} {
			sameRule(t, m, line)
		}
		for i := range c.line {
			if testing.Short() && i%11 != 0 {
				continue
			}
			sameRule(t, m, c.line[i:])
			sameRule(t, m, c.line[:i])
		}
	}
}

func sameRule(t *testing.T, m *Matcher, line string) {
	t.Helper()
	fast, _, fastRepairs := m.match([]byte(line))
	slow, _, slowRepairs := matchPlainly([]byte(line))
	if nameOf(fast) != nameOf(slow) || fastRepairs != slowRepairs {
		t.Errorf("%q: prefilter %q (%d repairs), plain %q (%d)", line, nameOf(fast), fastRepairs, nameOf(slow), slowRepairs)
	}
}

func nameOf(rule *Rule) string {
	if rule == nil {
		return ""
	}
	return rule.Name
}

// matchPlainly is what the prefilter must equal: every regular expression on
// every line.
func matchPlainly(line []byte) (*Rule, string, int) {
	text, repairs := clean(line)
	body, kernel := message(text)
	for i := range rules {
		rule := &rules[i]
		if rule.Kernel && !kernel || !rule.Pattern.MatchString(body) {
			continue
		}
		if rule.Severity == None {
			return nil, text, repairs
		}
		return rule, text, repairs
	}
	return nil, text, repairs
}
