package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestValidate(t *testing.T) {
	good := func() Spec {
		return Spec{Marker: "a.b_c-1", Steps: []Step{{Name: "one", Argv: []string{"true"}}}}
	}
	commit := strings.Repeat("a", 40)
	cases := []struct {
		name   string
		change func(*Spec)
		want   string // part of the error; empty: none
	}{
		{"the least", func(*Spec) {}, ""},
		{"everything", func(s *Spec) {
			s.Source = &Source{"/mirror", commit, "Key-1"}
			s.Env, s.CCache = []string{"A=", "B=x=y z"}, "Key.2"
			s.Keep = []Keep{{"a/b.txt", "a/*.txt", 1}, {"all/", "/work/out/**/x", 0}, {"c", "/work/src/c", 0}}
			s.Steps[0].Dir = "a/../b"
		}, ""},
		{"no marker", func(s *Spec) { s.Marker = "" }, "marker"},
		{"a marker that is a path", func(s *Spec) { s.Marker = "a/b" }, "marker"},
		{"a marker that goes up", func(s *Spec) { s.Marker = ".." }, "marker"},
		{"a long marker", func(s *Spec) { s.Marker = strings.Repeat("a", 65) }, "marker"},
		{"a marker of two lines", func(s *Spec) { s.Marker = "a\n" }, "marker"},
		{"no steps", func(s *Spec) { s.Steps = nil }, "no steps"},
		{"no command", func(s *Spec) { s.Steps[0].Argv = nil }, "no command"},
		{"a step of the supervisor's name", func(s *Spec) { s.Steps[0].Name = "source" }, "not usable"},
		{"a step with a line end", func(s *Spec) { s.Steps[0].Name = "a\n##drover" }, "not usable"},
		{"a folder outside", func(s *Spec) { s.Steps[0].Dir = "../x" }, "leaves the tree"},
		{"an absolute folder", func(s *Spec) { s.Steps[0].Dir = "/etc" }, "leaves the tree"},
		{"a zero byte", func(s *Spec) { s.Steps[0].Argv = []string{"a\x00b"} }, "zero byte"},
		{"environment without a value", func(s *Spec) { s.Env = []string{"A"} }, "NAME=value"},
		{"environment without a name", func(s *Spec) { s.Steps[0].Env = []string{"=a"} }, "NAME=value"},
		{"a relative mirror", func(s *Spec) { s.Source = &Source{"mirror", commit, ""} }, "absolute"},
		{"a commit that is an option", func(s *Spec) { s.Source = &Source{"/mirror", "--upload-pack=x", ""} }, "hexadecimal"},
		{"a warm key that goes up", func(s *Spec) { s.Source = &Source{"/mirror", commit, "../x"} }, "warm tree"},
		{"two trees", func(s *Spec) { s.Source, s.From = &Source{"/mirror", commit, ""}, "b" }, "from"},
		{"its own tree", func(s *Spec) { s.From = s.Marker }, "from"},
		{"a cache that goes up", func(s *Spec) { s.CCache = ".." }, "compiler cache"},
		{"a kept name that goes up", func(s *Spec) { s.Keep = []Keep{{"../x", "x", 0}} }, "name is not usable"},
		{"no kept name", func(s *Spec) { s.Keep = []Keep{{"", "x", 0}} }, "name is not usable"},
		{"a pattern that goes up", func(s *Spec) { s.Keep = []Keep{{"x", "../x", 0}} }, "leaves the tree"},
		{"a pattern that goes up in the output", func(s *Spec) { s.Keep = []Keep{{"x", "/work/out/../../x", 0}} }, "leaves the tree"},
		{"an absolute pattern", func(s *Spec) { s.Keep = []Keep{{"x", "/etc/passwd", 0}} }, "leaves the tree"},
		{"a broken pattern", func(s *Spec) { s.Keep = []Keep{{"x", "[", 0}} }, "not usable"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			spec := good()
			test.change(&spec)
			err := spec.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// defuse is the whole of what the defuser does with pieces of output.
func defuse(pieces ...string) string {
	d := defuser{start: true}
	var output bytes.Buffer
	for _, piece := range pieces {
		output.Write(d.filter([]byte(piece)))
	}
	output.Write(d.flush())
	return output.String()
}

func TestDefuser(t *testing.T) {
	cases := []struct {
		name   string
		pieces []string
		want   string
	}{
		{"nothing", nil, ""},
		{"ordinary lines", []string{"a\nb\n"}, "a\nb\n"},
		{"a mark", []string{"##drover x\n"}, " ##drover x\n"},
		{"a mark in pieces", []string{"#", "#dro", "ver", " x"}, " ##drover x"},
		{"a second line", []string{"a\n##drover x"}, "a\n ##drover x"},
		{"after a carriage return", []string{"a\r##drover x"}, "a\r ##drover x"},
		{"within a line", []string{"a ##drover x"}, "a ##drover x"},
		{"twice in a line", []string{"##drover ##drover x"}, " ##drover ##drover x"},
		{"nearly", []string{"##drovel\n##drover\n###drover x\n##"}, "##drovel\n##drover\n###drover x\n##"},
		{"nearly, then one", []string{"##dr\n##drover x"}, "##dr\n ##drover x"},
		{"zero bytes", []string{"\x00##drover \x00"}, "\x00##drover \x00"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			if got := defuse(test.pieces...); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzDefuser(f *testing.F) {
	f.Add("a\n##drover x\n##dr", 3)
	f.Add("\r##drover \n\n##drover ##drover ", 1)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		whole := defuse(text)
		at := 0
		if len(text) > 0 {
			at = ((cut % len(text)) + len(text)) % len(text)
		}
		if pieces := defuse(text[:at], text[at:]); pieces != whole {
			t.Errorf("cut at %d: %q, whole: %q", at, pieces, whole)
		}
		for _, start := range []string{"\n", "\r"} {
			if strings.Contains(start+whole, start+markPrefix) {
				t.Errorf("a mark stands at the beginning of a line: %q", whole)
			}
		}
		undone := whole
		for _, start := range []string{"\n", "\r"} {
			undone = strings.ReplaceAll(start+undone, start+" "+markPrefix, start+markPrefix)[1:]
		}
		if undone != text && !strings.Contains("\n"+strings.ReplaceAll(text, "\r", "\n"), "\n "+markPrefix) {
			t.Errorf("something else was changed: %q became %q", text, whole)
		}
	})
}

func TestLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := openLog(path, 20)
	if err != nil {
		t.Fatal(err)
	}
	log.mark("section-start one")
	if err := log.copyFrom(iotest.OneByteReader(strings.NewReader("12345\n##drover"))); err != nil {
		t.Fatal(err)
	}
	if got := log.lastLine(); got != "##drover" {
		t.Errorf("last line %q", got)
	}
	log.mark("section-end one 1 ok")
	if err := log.copyFrom(strings.NewReader("##drover x\nnot any more\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-log.full:
	default:
		t.Error("the log does not say that it is full")
	}
	log.mark("section-end two 1 output")
	if err := errors.Join(log.trouble(), log.close()); err != nil {
		t.Fatal(err)
	}
	want := "##drover section-start one\n12345\n##drover\n##drover section-end one 1 ok\n ##dro\n##drover truncated 20\n##drover section-end two 1 output\n"
	text, err := os.ReadFile(path)
	if diff := cmp.Diff(want, string(text)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestLogFileCannotBeWritten(t *testing.T) {
	log, err := openLog("/dev/full", 1000)
	if err != nil {
		t.Skip(err)
	}
	if err := log.copyFrom(strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	<-log.full
	if log.trouble() == nil {
		t.Error("no trouble")
	}
}

func TestLastLine(t *testing.T) {
	cases := map[string]string{
		"": "", "\n\n": "", "a": "a", "a\nb\n\n": "b", "a\rb\r\n": "b", "x\n\x1b[1mbold\xff": "?[1mbold?",
		strings.Repeat("é", 3000): strings.Repeat("é", 300),
	}
	for text, want := range cases {
		var end tail
		end.add([]byte(text))
		if got := end.lastLine(); got != want {
			t.Errorf("of %.50q: %q, want %q", text, got, want)
		}
	}
}

func TestExplainStatus(t *testing.T) {
	cases := []struct {
		status int
		last   string
		reason Reason
		detail string
	}{
		{2, "make: *** [all] Error 1", Exit, "ended with status 2."},
		{127, "drover: 1: exec: a b: not found", Exit, "the command a b was not found."},
		{127, "drover: line 1: exec: a: not found", Exit, "the command a was not found."},
		{127, "sh: 1: a: not found", Exit, "ended with status 127."},
		{126, "drover: 1: exec: ./a: Permission denied", Exit, "the command ./a cannot be executed."},
		{126, "drover: 1: cd: can't cd to /work/src/a", Exit, "the folder /work/src/a does not exist."},
		{126, "drover: line 1: cd: /work/src/a: No such file or directory", Exit, "the folder /work/src/a does not exist."},
		{139, "", Signal, "killed by signal 11 (SIGSEGV)."},
		{153, "", Disk, "a file grew beyond 5 bytes."},
		{255, "", Exit, "ended with status 255."},
	}
	for _, test := range cases {
		reason, detail := explainStatus(test.status, test.last, Limits{Disk: 5})
		if reason != test.reason || detail != test.detail {
			t.Errorf("%d %q: %s %q", test.status, test.last, reason, detail)
		}
	}
}

func TestRanInside(t *testing.T) {
	cases := map[string]bool{
		"": false, "{": false, `{"child-pid": 5}`: false, "{\"child-pid\": 5}\n{\"exit-code\": 0}\n": true,
		`{"exit-code": 3}`: true, `{"child-pid": 5} garbage {"exit-code": 3}`: false,
	}
	for report, want := range cases {
		if got := ranInside([]byte(report)); got != want {
			t.Errorf("%q: %v", report, got)
		}
	}
}

func TestParseGroups(t *testing.T) {
	cases := []struct {
		name, mounts, own string
		want              []groupMount
	}{
		{"v2", "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
			"0::/system.slice/drover.service\n",
			[]groupMount{{groupsV2, []string{"rw", "nsdelegate"}, "/sys/fs/cgroup", "/sys/fs/cgroup/system.slice/drover.service"}}},
		{"v1", "40 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 30 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n25 1 0:5 / /proc rw - proc proc rw\n",
			"8:pids:/a\n4:memory:/b/c\n0::/\n",
			[]groupMount{
				{groupsV1, []string{"rw", "memory"}, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/b/c"},
				{groupsV1, []string{"rw", "pids"}, "/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids/a"}}},
		{"a container", "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", "4:memory:/docker/abc/sub\n",
			[]groupMount{{groupsV1, []string{"rw", "memory"}, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/sub"}}},
		{"out of sight", "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", "4:memory:/other\n",
			[]groupMount{{groupsV1, []string{"rw", "memory"}, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory"}}},
		{"garbage", "a b c\n - cgroup2\n1 2 3 4 5 - cgroup2 x\n", "::\n", nil},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			got := parseGroups(test.mounts, test.own)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(groupMount{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseGroups(f *testing.F) {
	f.Add("30 24 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n", "0::/system.slice\n")
	f.Add("40 30 0:30 /a /m rw - cgroup cgroup rw,memory\n", "4:memory:/a/b\n")
	f.Fuzz(func(t *testing.T, mounts, own string) {
		for _, mount := range parseGroups(mounts, own) {
			if mount.own != mount.folder && !inside(filepath.Clean(mount.folder), mount.own) {
				t.Errorf("%q is not inside of %q", mount.own, mount.folder)
			}
		}
	})
}

// TestChooseGroups uses folders with files of the same names: what is chosen does not depend on the kernel.
func TestChooseGroups(t *testing.T) {
	v2 := func(t *testing.T, files map[string]string) groupMount {
		folder := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return groupMount{version: groupsV2, folder: folder, own: folder}
	}
	on := map[string]string{"cgroup.subtree_control": "cpu memory pids\n"}
	offered := map[string]string{"cgroup.subtree_control": "", "cgroup.controllers": "cpu memory pids\n"}
	poor := map[string]string{"cgroup.subtree_control": "", "cgroup.controllers": "cpu\n"}
	v1 := func(t *testing.T, controller string) groupMount {
		folder := t.TempDir()
		return groupMount{version: groupsV1, options: []string{"rw", controller}, folder: folder, own: folder}
	}
	cases := []struct {
		name   string
		mounts []groupMount
		want   string
	}{
		{"v2", []groupMount{v2(t, on)}, groupsV2},
		{"v2 switched on", []groupMount{v2(t, offered)}, groupsV2},
		{"v2 without memory", []groupMount{v2(t, poor)}, groupsNone},
		{"v1", []groupMount{v1(t, "memory"), v1(t, "pids")}, groupsV1},
		{"both, v2 empty", []groupMount{v2(t, poor), v1(t, "memory"), v1(t, "pids")}, groupsV1},
		{"half of v1", []groupMount{v1(t, "memory")}, groupsNone},
		{"nothing", nil, groupsNone},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			plan := chooseGroups(test.mounts)
			if plan.Kind != test.want || (plan.Kind == groupsNone) != (plan.Problem != "") {
				t.Errorf("got %+v", plan)
			}
		})
	}
}

// TestGroupV2Kills uses the kernel's own v2 hierarchy, which may lack the controllers of limits.
func TestGroupV2Kills(t *testing.T) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for _, mount := range parseGroups(string(mounts), "") {
		if mount.version != groupsV2 || tryGroup(mount.folder) != nil {
			continue
		}
		g := group{groupsV2, []string{filepath.Join(mount.folder, "drover-test-"+itoa(os.Getpid()))}}
		if err := os.Mkdir(g.folders[0], 0o755); err != nil {
			t.Fatal(err)
		}
		sleeper := exec.Command("sh", "-c", "echo 0 > "+g.entrances()[0]+"; setsid sleep 1000 & sleep 1000")
		if err := sleeper.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { pids, err := groupMembers(g.folders[0]); return err == nil && len(pids) >= 2 },
			func() string { return "two processes in the group" })
		ended := make(chan error, 1)
		go func() { ended <- sleeper.Wait() }()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := g.destroy(ctx); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Error("the process ended well although it was killed")
		}
		return
	}
	t.Skip("no writable v2 hierarchy")
}

func TestUsageWalksSeldom(t *testing.T) {
	folder := t.TempDir()
	u := newUsage(folder, 1<<40, []string{folder}, "")
	now := time.Now()
	if detail := u.tooMuch(now); detail != "" || u.next.IsZero() {
		t.Fatalf("first walk: %q %v", detail, u.next)
	}
	u.next = now.Add(time.Hour)
	before := u.used
	if err := os.WriteFile(filepath.Join(folder, "x"), make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	if u.tooMuch(now.Add(2 * usageInterval)); u.used != before {
		t.Error("it walked although the disk has hardly less space")
	}
	u.limit = before + 1<<19
	u.free += 1 << 30 // As if the disk had lost a gigabyte since.
	if detail := u.tooMuch(now.Add(4 * usageInterval)); !strings.Contains(detail, "bytes of disk") {
		t.Errorf("over the limit: %q", detail)
	}
}
