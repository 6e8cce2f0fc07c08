package kcidb

import (
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	tests := []struct{ in, want string }{
		{"ltp.syscalls.fanotify14", "ltp.syscalls.fanotify14"},
		{"boot", "boot"},
		{"a/b c:d", "a_b_c_d"},
		{"selftests: timers: posix_timers", "selftests_timers_posix_timers"},
		{"..a..b..", "a.b"},
		{"a. .b", "a._.b"},
		{"größe", "gr_e"},
		{"a-b_c", "a-b_c"},
		{"a\x00\xff\nb", "a_b"},
		{"", "_"},
		{"...", "_"},
		{"///", "_"},
	}
	for _, test := range tests {
		if got := Path(test.in); got != test.want || !pathPattern.MatchString(got) {
			t.Errorf("Path(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestPathOf(t *testing.T) {
	tests := []struct {
		in   []string
		want string
	}{
		{[]string{"kunit", "exdrv_ring", "16 entries"}, "kunit.exdrv_ring.16_entries"},
		{[]string{"kselftest", "net", "tls.sh"}, "kselftest.net.tls_sh"},
		{[]string{"a", "", "b"}, "a._.b"},
		{[]string{"a", "..."}, "a.___"},
		{nil, "_"},
	}
	for _, test := range tests {
		got := PathOf(test.in...)
		if got != test.want || len(test.in) > 0 && strings.Count(got, ".") != len(test.in)-1 {
			t.Errorf("PathOf(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestPatchsetHash(t *testing.T) {
	if got := PatchsetHash(); got != "" {
		t.Errorf("no patches: %q", got)
	}
	// printf a >1; printf b >2; sha256sum 1 2 | cut -c-64 | sha256sum
	const want = "bf75fafab8e46555836b92f1b04106b795a9ed36bd39b351f103b28819895f33"
	if got := PatchsetHash([]byte("a"), []byte("b")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if PatchsetHash([]byte("a"), []byte("b")) == PatchsetHash([]byte("b"), []byte("a")) {
		t.Error("the order does not count")
	}
}
