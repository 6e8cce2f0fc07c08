// Package seedtree makes up a month of a kernel CI for `drover seed`: trees,
// suites, and how each case ends in each checkout, with failures that come and
// go as they do in the field. The same numbers give the same month.
//
// The package is content: no clock, no randomness, no file, nothing stored.
// The seeding in jobs calls it.
package seedtree

import (
	"fmt"
	"hash/fnv"
	"time"
)

// Days is how long the month is.
const Days = 30

// Tree is one tree of the month.
type Tree struct {
	Name   string
	Branch string
	List   string // address that reports go to
	Broken bool   // its remote does not answer
}

// Trees lists the trees.
func Trees() []Tree {
	return []Tree{
		{Name: "mainline", Branch: "master", List: "kernel-list@example.org"},
		{Name: "net-next", Branch: "main", List: "netdev@example.org"},
		{Name: "mm", Branch: "mm-unstable", List: "mm-list@example.org"},
		{Name: "stable", Branch: "linux-6.12.y", List: "stable-list@example.org", Broken: true},
	}
}

// Config is one configuration that every tree is built for.
type Config struct{ Arch, Config, Compiler string }

// Configs lists the configurations.
func Configs() []Config {
	return []Config{
		{"x86_64", "defconfig", "gcc-14"}, {"x86_64", "debug", "gcc-14"},
		{"aarch64", "defconfig", "gcc-14"}, {"aarch64", "debug", "gcc-14"},
		{"ppc64le", "defconfig", "gcc-14"}, {"ppc64le", "debug", "gcc-14"},
		{"s390x", "defconfig", "gcc-14"}, {"s390x", "debug", "clang-18"},
	}
}

// Suite is a test of which each case is a result of its own.
type Suite struct {
	Path        string
	Owner       string
	Description string
	Command     string
	Cases       []string
}

// Host is where a suite ran: one of four machines of an architecture.
func Host(arch string, tree, checkout int, suite string) string {
	return fmt.Sprintf("%s-%02d.lab.example.org", arch, 1+int(share("host", arch, tree, checkout, suite)*4))
}

// sickHost fails to install for some days.
const sickHost = "aarch64-03.lab.example.org"

// End is how one attempt ended.
type End string

// The ends.
const (
	Pass End = "pass"
	Fail End = "fail"
	Skip End = "skip"
	Miss End = "miss"
)

// Run is one case on one build of one checkout. Checkout counts from 0, of
// Checkouts.
type Run struct {
	Tree, Checkout, Checkouts int
	Config                    Config
	Suite                     Suite
	Case                      string
}

// Attempts are the ends of a run, the last one final.
func (r Run) Attempts() []End {
	path := r.Suite.Path + "/" + r.Case
	switch kind := share("kind", path); {
	case kind < 0.02:
		return []End{Skip}
	case kind < 0.05 && share("flake", r.Tree, r.Checkout, r.Config, path) < 0.06:
		return []End{Fail, Pass}
	case r.failing(path):
		return []End{Fail, Fail}
	case share("miss", r.Tree, r.Checkout, r.Config, path) < 0.0004:
		return []End{Miss}
	}
	return []End{Pass}
}

// failing says whether the case is in one of its bad times. A tree has a few
// of them a month: in some cases, from one checkout to another, on every
// architecture or on one.
func (r Run) failing(path string) bool {
	if share("bad", r.Tree, path) > 0.16 {
		return false
	}
	from := int(share("from", r.Tree, path) * float64(r.Checkouts) * 1.15)
	length := 1 + int(share("length", r.Tree, path)*share("length", r.Tree, path)*14)
	if r.Checkout < from || r.Checkout >= from+length {
		return false
	}
	only := share("only", r.Tree, path)
	configs := Configs()
	switch {
	case only < 0.4:
		return true
	case only < 0.8:
		return r.Config.Arch == configs[int(share("arch", r.Tree, path)*float64(len(configs)))].Arch
	}
	return r.Config.Config == "debug"
}

// Sick says whether the machine could not run the suite at all, in which case
// no case of it has an end of its own.
func (r Run) Sick() bool {
	host := Host(r.Config.Arch, r.Tree, r.Checkout, r.Suite.Path)
	day := Days * r.Checkout / r.Checkouts
	if host == sickHost && day >= 11 && day <= 13 {
		return true
	}
	return share("sick", r.Tree, r.Checkout, r.Config, r.Suite.Path) < 0.003
}

// BuildFails says whether the kernel does not compile.
func BuildFails(tree, checkout int, c Config) bool {
	return share("broken", tree, checkout) < 0.025 && share("broken", tree, checkout, c.Arch) < 0.5
}

// BuildTime is how long a build takes.
func BuildTime(tree, checkout int, c Config) time.Duration {
	base := 14 * time.Minute
	if c.Config == "debug" {
		base = 22 * time.Minute
	}
	return scaled(base, share("build", tree, checkout, c))
}

// Time is how long a case takes: each has its own usual time, and some spread.
func (r Run) Time() time.Duration {
	usual := share("usual", r.Suite.Path, r.Case)
	return scaled(200*time.Millisecond+time.Duration(usual*usual*usual*float64(4*time.Minute)), share("time", r.Tree, r.Checkout, r.Config, r.Case))
}

// scaled spreads a usual time between 80 % and, rarely, three times of it.
func scaled(usual time.Duration, at float64) time.Duration {
	factor := 0.8 + 0.5*at
	if at > 0.985 {
		factor = 3
	}
	return time.Duration(float64(usual) * factor).Truncate(time.Millisecond)
}

// share is a number from 0 to 1 that depends on nothing but its arguments.
func share(about ...any) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, about...)
	// The last bytes barely reach the upper bits of FNV: mix once more.
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return float64((x^x>>33)>>11) / (1 << 53)
}
