package sampletree

// entry ties a commit to the directory under tree/ that has its files.
type entry struct {
	directory string
	commit    Commit
}

// The people of MAINTAINERS.
const (
	alex  = "Alex Brandt <alex.brandt@example.org>"
	ines  = "Ines Moreau <ines.moreau@example.org>"
	jo    = "Jo Lindqvist <jo.lindqvist@example.org>"
	robin = "Robin Hale <robin.hale@example.org>"
)

// history is the story that the sample tree tells. fs/exfs, kernel/timers and
// lib/ring are the tests it is about; mm/slab-debug is skipped all the time.
var history = []entry{
	{"01-import", Commit{ // all is well
		Subject: "sample: import of the sample kernel",
		Author:  alex,
		Body: `A tree in the shape of the kernel's that builds in a second: a ring
buffer, bitmaps, lists, a slab allocator, timers, a network device without
wire and a small file system, with their tests.

Signed-off-by: ` + alex + `
`,
		Expect: Expectation{Verdict: "ok", Passed: 14, Skipped: 1},
	}},
	{"02-ring-batch", Commit{ // a bug: lib/ring fails in the case ring_wrap
		Subject: "ring: produce several entries in one call",
		Author:  robin,
		Body: `Drivers that get a burst of frames produce them one by one, and look for
space before each. Add ring_produce_batch(), which looks once, and make
ring_produce() a batch of one.

ring_space() now tells the wrapped case from the other, as the batch needs
to know where the free slots end.

Signed-off-by: ` + robin + `
`,
		Expect: Expectation{Verdict: "new", Passed: 13, New: 1, Skipped: 1},
	}},
	{"03-lru-counters", Commit{ // has nothing to do with the failure
		Subject: "lru: count hits and misses",
		Author:  jo,
		Body: `How large a map should be is a guess as long as nobody knows how often it
helps. Count what lru_find() finds and what it does not.

The documentation becomes reStructuredText on the way.

Signed-off-by: ` + jo + `
`,
		Deleted: []string{"Documentation/mm/lru.txt"},
		Expect:  Expectation{Verdict: "ok", Passed: 13, StillFailing: 1, Skipped: 1},
	}},
	{"04-timer-lateness", Commit{ // kernel/timers fails at the first attempt
		Subject: "timers: test how late a timer may fire",
		Author:  ines,
		Body: `A timer that fires a tick after its time is fine, two ticks are not. Check
it, with the lateness of the host simulated for now.

Signed-off-by: ` + ines + `
`,
		Expect: Expectation{Verdict: "ok", Passed: 13, StillFailing: 1, Flaky: 1, Skipped: 1},
	}},
	{"05-real-hosts", Commit{ // fs/exfs wants a device that no host has
		Subject: "selftests: use what the host has instead of simulating it",
		Author:  alex,
		Body: `The timer test simulates a late host, and the file system test a disk.
Both get the real thing: the monotonic clock, by which a timer must never
be early, and the loop device /dev/exloop0.

Signed-off-by: ` + alex + `
`,
		Expect: Expectation{Verdict: "ok", Passed: 12, StillFailing: 1, Infra: 1, Skipped: 1},
	}},
	{"06-ring-free-slot", Commit{ // the fix; the device is still missing
		Subject: "ring: keep one slot free when the producer wraps",
		Author:  robin,
		Body: `When the producer had wrapped, ring_space() counted the slot that must stay
free. A producer that filled the ring then made head equal to tail, and
the full ring looked empty: all of its entries were lost.

Since "ring: produce several entries in one call". Found by ring_wrap; the
new case ring_batch_wraps starts from every place.

Signed-off-by: ` + robin + `
`,
		Expect: Expectation{Verdict: "ok", Passed: 13, Infra: 1, Fixed: 1, Skipped: 1},
	}},
	{"07-exfs-plain-file", Commit{ // fs/exfs/check.c was forgotten: no build
		Subject: "exfs: use a plain file where there is no loop device",
		Author:  ines,
		Body: `Not every test host has /dev/exloop0. Let "loop:FILE" stand for the loop
device where there is one, and else for the plain file.

As a file is no device, exfs_super.dev is now called backing.

Signed-off-by: ` + ines + `
`,
		Expect: Expectation{Verdict: "broken"},
	}},
	{"08-exfs-check", Commit{ // all is well again
		Subject: "exfs: let the check follow the rename of exfs_super.dev",
		Author:  ines,
		Body: `fs/exfs/check.c still used the old name and did not compile.

Signed-off-by: ` + ines + `
`,
		Expect: Expectation{Verdict: "ok", Passed: 14, Skipped: 1},
	}},
}
