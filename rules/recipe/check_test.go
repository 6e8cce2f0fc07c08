package recipe

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// fields are the names of what is wrong, joined.
func fields(err error) string {
	var list Problems
	if err == nil {
		return ""
	}
	if !errors.As(err, &list) {
		return "not Problems: " + err.Error()
	}
	var names []string
	for _, p := range list {
		names = append(names, p.Field)
	}
	return strings.Join(names, " ")
}

func TestCheckKBuild(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, one := range []struct {
		name  string
		build KBuild
		want  string
	}{
		{"least", KBuild{Arch: "x86_64"}, ""},
		{"all", KBuild{Arch: "arm64", CrossCompile: "aarch64-linux-gnu-", Compiler: "clang-18", ConfigTarget: "kernel/configs/tiny.config",
			Fragments: []string{".kunitconfig", "a/b+c,d.config"}, Targets: []string{"all", "drivers/net/", "fs/ext4/inode.o"}, Jobs: 1024, Timeout: time.Hour}, ""},
		{"a bare .config name is a target of make", KBuild{Arch: "x86_64", ConfigTarget: "debug.config"}, ""},
		{"no architecture", KBuild{}, "arch"},
		{"upper case", KBuild{Arch: "ARM64"}, "arch"},
		{"a line end", KBuild{Arch: "arm64\n"}, "arch"},
		{"a long architecture", KBuild{Arch: long}, "arch"},
		{"a prefix without a dash", KBuild{Arch: "arm64", CrossCompile: "aarch64-linux-gnu"}, "cross_compile"},
		{"a prefix with a folder", KBuild{Arch: "arm64", CrossCompile: "/opt/bin/aarch64-"}, "cross_compile"},
		{"a prefix that is an option", KBuild{Arch: "arm64", CrossCompile: "-"}, "cross_compile"},
		{"another compiler", KBuild{Arch: "arm64", Compiler: "icc"}, "compiler"},
		{"a compiler with a minor version", KBuild{Arch: "arm64", Compiler: "gcc-14.2"}, "compiler"},
		{"a compiler with arguments", KBuild{Arch: "arm64", Compiler: "gcc -O0"}, "compiler"},
		{"a compiler that is version 0", KBuild{Arch: "arm64", Compiler: "clang-0"}, "compiler"},
		{"a config that is an option", KBuild{Arch: "arm64", ConfigTarget: "-k"}, "config_target"},
		{"a config that leaves the tree", KBuild{Arch: "arm64", ConfigTarget: "../x.config"}, "config_target"},
		{"a config that leaves the tree late", KBuild{Arch: "arm64", ConfigTarget: "a/../../x"}, "config_target"},
		{"an absolute config", KBuild{Arch: "arm64", ConfigTarget: "/etc/passwd"}, "config_target"},
		{"a config with a space", KBuild{Arch: "arm64", ConfigTarget: "a b"}, "config_target"},
		{"a config that is a folder", KBuild{Arch: "arm64", ConfigTarget: "kernel/configs/"}, "config_target"},
		{"a config with a variable", KBuild{Arch: "arm64", ConfigTarget: "CC=evil"}, "config_target"},
		{"a fragment in no tree", KBuild{Arch: "arm64", Fragments: []string{"/dev/stdin"}}, "fragments"},
		{"an empty fragment", KBuild{Arch: "arm64", Fragments: []string{""}}, "fragments"},
		{"two bad fragments", KBuild{Arch: "arm64", Fragments: []string{"..", "."}}, "fragments fragments"},
		{"a target that is a variable", KBuild{Arch: "arm64", Targets: []string{"CC=evil"}}, "targets"},
		{"a target that is an option", KBuild{Arch: "arm64", Targets: []string{"--eval=x"}}, "targets"},
		{"a target with a substitution", KBuild{Arch: "arm64", Targets: []string{"$(id)"}}, "targets"},
		{"too many jobs", KBuild{Arch: "arm64", Jobs: 5000}, "jobs"},
		{"fewer than no jobs", KBuild{Arch: "arm64", Jobs: -1}, "jobs"},
		{"a negative time", KBuild{Arch: "arm64", Timeout: -time.Second}, "timeout"},
		{"a week", KBuild{Arch: "arm64", Timeout: 7 * 24 * time.Hour}, "timeout"},
		{"everything at once", KBuild{Arch: "!", CrossCompile: "!", Compiler: "!", ConfigTarget: "!", Fragments: []string{"!"}, Targets: []string{"!"}, Jobs: -1, Timeout: 1},
			"arch cross_compile compiler config_target fragments targets jobs timeout"},
	} {
		if got := fields(one.build.Check()); got != one.want {
			t.Errorf("%s: %q, want %q", one.name, got, one.want)
		}
	}
}

func TestCheckKUnit(t *testing.T) {
	for _, one := range []struct {
		name string
		unit KUnitUM
		want string
	}{
		{"all defaults", KUnitUM{}, ""},
		{"own file", KUnitUM{KUnitConfig: []string{"lib/kunit/.kunitconfig"}, FilterGlob: "ext4_inode_test.*"}, ""},
		{"a folder", KUnitUM{KUnitConfig: []string{"lib/kunit/"}}, "kunitconfig"},
		{"a filter with a space", KUnitUM{FilterGlob: "a b"}, "filter_glob"},
		{"a filter that sets a parameter", KUnitUM{FilterGlob: "x init=/bin/sh"}, "filter_glob"},
		{"times", KUnitUM{Timeout: 1, BuildTimeout: 48 * time.Hour}, "build_timeout timeout"},
	} {
		if got := fields(one.unit.Check()); got != one.want {
			t.Errorf("%s: %q, want %q", one.name, got, one.want)
		}
	}
}

func TestCheckCommand(t *testing.T) {
	for _, one := range []struct {
		name    string
		command Command
		want    string
	}{
		{"a script of two lines", Command{Command: "cd x\n\tmake check", Format: Exit}, ""},
		{"nothing", Command{Command: " \n", Format: KTAP}, "command"},
		{"a terminal code", Command{Command: "echo \x1b[31m", Format: KTAP}, "command"},
		{"a NUL", Command{Command: "a\x00b", Format: KTAP}, "command"},
		{"not UTF-8", Command{Command: "a\xff", Format: KTAP}, "command"},
		{"too long", Command{Command: strings.Repeat("x", 4001), Format: KTAP}, "command"},
		{"no format", Command{Command: "true"}, "format"},
		{"another format", Command{Command: "true", Format: "junit"}, "format"},
		{"a folder elsewhere", Command{Command: "true", Format: TAP, Dir: "/tmp"}, "dir"},
		{"a folder above", Command{Command: "true", Format: TAP, Dir: "a/../.."}, "dir"},
		{"too short", Command{Command: "true", Format: TAP, Timeout: time.Millisecond}, "timeout"},
	} {
		if got := fields(one.command.Check()); got != one.want {
			t.Errorf("%s: %q, want %q", one.name, got, one.want)
		}
	}
}

// A message must say what to do, and a hostile value must not spoil it.
func TestMessages(t *testing.T) {
	err := KBuild{Arch: "!", Fragments: []string{"a\x1b[31m\nb" + strings.Repeat("é", 100)}, Targets: []string{"<script>"}}.Check()
	for _, p := range err.(Problems) {
		if strings.ContainsAny(p.Message, "\n\x1b") || len(p.Message) < 30 || len(p.Message) > 400 {
			t.Errorf("%s: %q", p.Field, p.Message)
		}
		if !strings.Contains(p.Message, "use ") && !strings.Contains(p.Message, "give ") {
			t.Errorf("%s does not say what to do: %q", p.Field, p.Message)
		}
	}
	if text := err.Error(); !strings.HasPrefix(text, "arch: ") || !strings.Contains(text, "; targets: ") {
		t.Errorf("as an error: %s", text)
	}
}

func FuzzRelativePath(f *testing.F) {
	for _, s := range []string{"a/b", "..", "a/../b", "/a", "-a", "a//b", "a/./b", "", ".", "./a", "a/", "a/-b", "a\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !relativePath(s) {
			return
		}
		if s == "" || s[0] == '/' || s[0] == '-' || strings.ContainsAny(s, " \n\t$`\"'\\;|&<>*?~=") {
			t.Errorf("accepted %q", s)
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(s, "/"), "/") {
			if part == "" || part == "." || part == ".." {
				t.Errorf("accepted %q", s)
			}
		}
	})
}
