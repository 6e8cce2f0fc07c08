package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// killer ends this process with SIGKILL at a random point, as a power cut or
// the kernel's OOM killer would. Tests of recovery set DROVER_KILL.
type killer struct {
	mu     sync.Mutex
	random *rand.Rand
	odds   int
}

// parseKill reads "seed/odds": one point in odds is the last.
func parseKill(v string) (*killer, error) {
	if v == "" {
		return nil, nil
	}
	seed, odds, _ := strings.Cut(v, "/")
	s, err := strconv.ParseUint(seed, 10, 64)
	n, err2 := strconv.Atoi(odds)
	if err != nil || err2 != nil || n < 1 {
		return nil, fmt.Errorf("%q is not seed/odds, such as 7/50", v)
	}
	return &killer{random: rand.New(rand.NewPCG(s, s)), odds: n}, nil
}

// point is called before and after each outside call and commit.
func (k *killer) point(string) {
	k.mu.Lock()
	last := k.random.IntN(k.odds) == 0
	k.mu.Unlock()
	if last {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing is left to report to
		select {}
	}
}
