package seedtree

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Suites lists the suites, some hundred cases together.
func Suites() []Suite {
	return []Suite{
		{"kselftest/net", "Tomas Novak <tomas@example.org>", "Networking selftests.", "make -C tools/testing/selftests TARGETS=net run_tests", []string{
			"fib_tests.sh", "fib_nexthops.sh", "fib_rule_tests.sh", "tls", "udpgso.sh", "udpgro.sh", "rtnetlink.sh", "pmtu.sh", "psock_snd.sh",
			"so_txtime.sh", "txtimestamp.sh", "xfrm_policy.sh", "altnames.sh", "icmp_redirect.sh", "ip_defrag.sh", "l2tp.sh", "msg_zerocopy.sh",
			"reuseport_bpf", "tcp_mmap", "vrf-xfrm-tests.sh", "gro.sh", "bareudp.sh"}},
		{"kselftest/mm", "Milan Horak <milan@example.org>", "Memory management selftests.", "make -C tools/testing/selftests TARGETS=mm run_tests", []string{
			"ksm_tests", "hugepage-mmap", "hugepage-shm", "map_hugetlb", "mremap_test", "mlock2-tests", "userfaultfd", "madv_populate", "protection_keys",
			"transhuge-stress", "soft-dirty", "compaction_test", "memfd_secret", "virtual_address_range"}},
		{"kunit", "Wen Li <wen@example.org>", "KUnit under the kernel's own runner.", "tools/testing/kunit/kunit.py run", []string{
			"list-kunit-test/list_test_list_init", "list-kunit-test/list_test_list_add", "list-kunit-test/list_test_list_is_first", "kunit-try-catch-test/run",
			"sysctl_test/parse_int", "ext4_inode_test/inode_test_xtimestamp_decoding", "time_test_cases/time64_to_tm", "resource/resource_test_union",
			"cmdline/cmdline_test_lead_int", "hash/test_hash_32", "rational/rational_test", "bits-test/genmask_test", "slub_test/test_clobber_zone",
			"memcpy/memset_test", "overflow/overflow_u8_test", "string/strscpy_test", "damon/target", "kasan/kmalloc_oob_right"}},
		{"ltp/syscalls", "Ola Berg <ola@example.org>", "Linux Test Project, system calls.", "runltp -f syscalls", []string{
			"accept4_01", "bind05", "clone301", "copy_file_range02", "dup207", "epoll_ctl05", "fallocate06", "fanotify10", "fcntl39", "futex_wait05",
			"getrandom05", "inotify12", "io_uring02", "keyctl09", "madvise11", "mmap20", "move_pages12", "openat202", "perf_event_open03", "preadv203",
			"ptrace11", "quotactl08", "sendmsg03", "splice07", "statx12"}},
		{"xfstests/generic", "Asha Rao <asha@example.org>", "File systems, generic group on ext4 and xfs.", "./check -g auto generic", []string{
			"001", "013", "068", "075", "127", "241", "269", "311", "388", "475", "476", "551", "650"}},
		{"blktests/nvme", "Wen Li <wen@example.org>", "NVMe over loop and TCP.", "./check nvme", []string{"003", "012", "022", "031", "044", "048"}},
	}
}

// Error is the line that says why a case failed. A case fails the same way
// each time.
func Error(suite Suite, name string) string {
	if suite.Path == "kunit" {
		return "# " + name[strings.LastIndexByte(name, '/')+1:] + ": EXPECTATION FAILED at lib/" + strings.ReplaceAll(strings.Split(name, "/")[0], "_", "-") + ".c:128"
	}
	traces := []string{
		"BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90",
		"WARNING: CPU: 2 PID: 4411 at mm/page_alloc.c:4421 __alloc_pages+0x2a1/0x320",
		"BUG: kernel NULL pointer dereference, address: 0000000000000018",
		"INFO: task " + last(name) + ":4411 blocked for more than 122 seconds.",
		"watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [" + last(name) + ":4411]",
	}
	if at := share("trace", suite.Path, name); at < 0.3 {
		return traces[int(at/0.3*float64(len(traces)))]
	}
	return fmt.Sprintf("not ok %d %s", slices.Index(suite.Cases, name)+1, name)
}

func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// Subject is the subject of a tree's commit.
func Subject(tree Tree, checkout int) string {
	areas := map[string][]string{
		"net-next": {"tcp", "ipv6", "net: phy", "xfrm", "mlx5", "selftests: net", "net/sched"},
		"mm":       {"mm/ksm", "mm/hugetlb", "mm/page_alloc", "memcg", "mm/damon", "slab"},
	}
	verbs := []string{"drop the extra reference on close", "do not sleep under the lock", "use the helper for the common case", "fix the error path of init",
		"account the pages that are given back", "add a test for the corner case", "make the table const", "handle a short read", "remove an unused field",
		"avoid a second lookup", "check the length before the copy"}
	names := areas[tree.Name]
	if names == nil {
		names = []string{"ext4", "xfs", "btrfs", "sched/fair", "KVM: x86", "drm/i915", "arm64: mm", "s390/pci", "powerpc/64s", "io_uring", "block"}
	}
	pick := func(list []string, about string) string {
		return list[int(share(about, tree.Name, checkout)*float64(len(list)))]
	}
	return pick(names, "area") + ": " + pick(verbs, "verb")
}

// Author is who wrote a tree's commit, as "Name <address>".
func Author(tree Tree, checkout int) string {
	people := []string{"Asha Rao <asha@example.org>", "Milan Horak <milan@example.org>", "Wen Li <wen@example.org>", "Ola Berg <ola@example.org>", "Jo Tanaka <jo@example.org>", "Ines Costa <ines@example.org>"}
	return people[int(share("author", tree.Name, checkout)*float64(len(people)))]
}

// Changed is a file that a tree's commit changes.
func Changed(tree Tree, checkout int) string {
	area := strings.NewReplacer(": ", "/", " ", "-").Replace(strings.SplitN(Subject(tree, checkout), ": ", 2)[0])
	return area + "/" + fmt.Sprintf("part%d.c", int(share("file", tree.Name, checkout)*9))
}

// Log writes the console of a suite's run: a boot, then a line for each case,
// in order, with the error line before a case that failed. It gives the line
// numbers, from 1, of the errors by case. filler is how many lines of ordinary
// output stand between the cases.
func Log(run Run, failed map[string]bool, filler int) (text string, errors map[string]int) {
	var b strings.Builder
	errors = map[string]int{}
	line, at := 0, time.Duration(0)
	say := func(format string, args ...any) {
		line++
		at += 13 * time.Millisecond
		fmt.Fprintf(&b, "[%12.6f] "+format+"\n", append([]any{at.Seconds()}, args...)...)
	}
	say("Linux version 6.12.0-rc3 (ci@build) (%s) #1 SMP PREEMPT_DYNAMIC", run.Config.Compiler)
	say("Command line: console=ttyS0 root=/dev/vda1 ro")
	for _, word := range []string{"ACPI: Core revision 20240827", "smpboot: Allowing 8 CPUs", "NET: Registered PF_INET protocol family", "EXT4-fs (vda1): mounted filesystem r/w"} {
		say("%s", word)
	}
	say("KTAP version 1")
	say("1..%d", len(run.Suite.Cases))
	for i, name := range run.Suite.Cases {
		for n := range filler {
			say("%s: step %d of %d, %d objects", last(name), n+1, filler, (n*7919+i)%4096)
		}
		if !failed[name] {
			say("ok %d %s", i+1, name)
			continue
		}
		text := Error(run.Suite, name)
		say("%s", text)
		errors[name] = line
		if !strings.HasPrefix(text, "not ok") {
			say("not ok %d %s", i+1, name)
		}
	}
	return b.String(), errors
}
