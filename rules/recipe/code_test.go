package recipe

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindCode(t *testing.T) {
	command := func(text string) TestSettings { return TestSettings{Name: NameCommand, Command: text} }
	for _, one := range []struct {
		name     string
		settings TestSettings
		want     Code
	}{
		{"a script", command("sh tests/net.sh --quick"), Code{Paths: []string{"tests/net.sh"}}},
		{"at the top", command("./run.sh && python3 check.py"), Code{Paths: []string{"run.sh", "check.py"}}},
		{"a folder of make", command("make -C tools/testing/selftests/net run_tests"), Code{Paths: []string{"tools/testing/selftests/net"}}},
		{"by the variable", command(`"$SOURCE/tests/a.sh"; ${SOURCE}/tests/b.sh`), Code{Paths: []string{"tests/a.sh", "tests/b.sh"}}},
		{"as a value", command("run --list=tests/quick.txt>out/log"), Code{Paths: []string{"tests/quick.txt", "out/log"}}},
		{"twice", command("./tests/a.sh; sh tests/a.sh; ls tests/"), Code{Paths: []string{"tests/a.sh", "tests"}}},
		{"elsewhere", command("/usr/bin/true ../a.sh a/../../b.sh $BUILD/x.sh"), Code{}},
		{"words of shell", command("make all net; test -f x; echo 1..1; ls *.sh; sleep 1.5"), Code{}},
		{"nothing", command(""), Code{}},
		{"named", TestSettings{Name: NameCommand, Command: "sh tests/net.sh", Code: []string{"tests/lib/", "tests/net.sh", "tests/lib"}},
			Code{Paths: []string{"tests/lib", "tests/net.sh"}, Named: true}},
		{"KUnit", TestSettings{Name: NameKUnitUM}, Code{KUnit: true}},
		{"KUnit of one folder", TestSettings{Name: NameKUnitUM, Code: []string{"fs/ext4"}}, Code{Paths: []string{"fs/ext4"}, Named: true}},
	} {
		if diff := cmp.Diff(one.want, one.settings.FindCode()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", one.name, diff)
		}
	}
}

func TestCodeHas(t *testing.T) {
	kunit := Code{KUnit: true}
	found := Code{Paths: []string{"tests/net.sh", "fs/ext4", "tools/testing"}}
	for _, one := range []struct {
		code   Code
		path   string
		folder bool
		want   bool
	}{
		{found, "tests/net.sh", false, true},
		{found, "tests/other.sh", false, false},
		{found, "tools/testing", true, true},
		{found, "fs/ext4", true, false}, // what is tested
		{Code{Paths: found.Paths, Named: true}, "fs/ext4", true, true},
		{kunit, "lib/list-test.c", false, true},
		{kunit, "lib/bitfield_kunit.c", false, true},
		{kunit, "drivers/base/test/property-entry-test.c", false, true},
		{kunit, "fs/ext4/inode-test.c", false, true},
		{kunit, "kernel/time/time_test.c", false, true},
		{kunit, "lib/kunit/executor.c", false, true},
		{kunit, "lib/kunit", true, false},
		{kunit, "tools/testing/kunit/kunit.py", false, true},
		{kunit, "drivers/gpu/drm/tests/drm_mm.c", false, true},
		{kunit, "drivers/gpu/drm/tests/Makefile", false, false},
		{kunit, "tools/testing/selftests/mm/mmap_test.c", false, false}, // programs
		{kunit, "tools/perf/tests/attr.c", false, false},
		{kunit, "kernel/sched/core.c", false, false},
		{kunit, "lib/test.c", false, false},
	} {
		if got := one.code.Has(one.path, one.folder); got != one.want {
			t.Errorf("%s of %+v: %v", one.path, one.code, got)
		}
	}
}

func TestCheckCode(t *testing.T) {
	many := make([]string, MaxCode+1)
	for i := range many {
		many[i] = "tests/" + strconv.Itoa(i)
	}
	for _, one := range []struct {
		name string
		code []string
		want string
	}{
		{"none", nil, ""},
		{"files and folders", []string{"tests/net.sh", "tools/testing/"}, ""},
		{"absolute", []string{"/etc/passwd"}, "code"},
		{"above", []string{"../x", "a/../b"}, "code code"},
		{"an option", []string{"-r"}, "code"},
		{"empty", []string{""}, "code"},
		{"two in one", []string{"a b"}, "code"},
		{"the top", []string{"."}, "code"},
		{"too many", many, "code"},
	} {
		for _, name := range Tests {
			settings := TestSettings{Name: name, Command: "true", Format: Exit, Code: one.code}
			if got := fields(settings.Check()); got != one.want {
				t.Errorf("%s of %s: %q, want %q", one.name, name, got, one.want)
			}
		}
	}
}

func TestRevision(t *testing.T) {
	for _, one := range []struct {
		revision Revision
		want     string
	}{
		{Revision{Definition: 3}, "definition 3"},
		{Revision{3, "1a2b3c4d5e6f", Code{Paths: []string{"tests/net.sh", "gone"}}.Of([]string{"tests/net.sh"})}, "definition 3, code 1a2b3c4d5e6f of tests/net.sh"},
		{Revision{3, "1a2b3c4d5e6f", Code{}.Of([]string{"a", "b"})}, "definition 3, code 1a2b3c4d5e6f of 2 paths"},
		{Revision{1, "1a2b3c4d5e6f", Code{KUnit: true}.Of([]string{"a"})}, "definition 1, code 1a2b3c4d5e6f of 1 KUnit file"},
	} {
		if got := one.revision.String(); got != one.want {
			t.Errorf("%+v is %q, want %q", one.revision, got, one.want)
		}
	}
}

func TestRevisionChanged(t *testing.T) {
	for _, one := range []struct {
		why         string
		before, now string
		want        bool
	}{
		{"the same", "definition 3, code 1a2b of tests/net.sh", "definition 3, code 1a2b of tests/net.sh", false},
		{"the code", "definition 3, code 1a2b of tests/net.sh", "definition 3, code ffff of tests/net.sh", true},
		{"the definition", "definition 3, code 1a2b of tests/net.sh", "definition 4, code 1a2b of tests/net.sh", true},
		{"other words for the same", "definition 3, code 1a2b of 2 paths", "definition 3, code 1a2b of tests/net.sh, tests/lib.sh", false},
		{"from before code was noted", "definition 3", "definition 3, code 1a2b of tests/net.sh", false},
		{"the definition, before code was noted", "definition 3", "definition 4, code 1a2b of tests/net.sh", true},
		{"code that could not be read", "definition 3, code 1a2b of tests/net.sh", "definition 3", false},
		{"two old ones", "definition 3", "definition 4", true},
		{"nothing to compare with", "", "definition 3", false},
		{"a path with such words", "definition 3, code 1a2b of a of b", "definition 3, code 1a2b of a", false},
	} {
		if got := RevisionChanged(one.before, one.now); got != one.want {
			t.Errorf("%s: %v", one.why, got)
		}
	}
}

// FuzzFindCode: whatever a command is, the paths in it are ones that Check takes.
func FuzzFindCode(f *testing.F) {
	f.Add("sh tests/net.sh; ./run.sh $SOURCE/a/b && make -C x/")
	f.Add("././a/ ./../b .//c ${SOURCE}/./d \x00 \n")
	f.Fuzz(func(t *testing.T, command string) {
		code := TestSettings{Name: NameCommand, Command: command}.FindCode()
		for _, one := range code.Paths {
			if strings.HasSuffix(one, "/") || !relativePath(one) {
				t.Errorf("%q", one)
			}
		}
		if err := (TestSettings{Name: NameCommand, Command: "true", Format: Exit, Code: code.Paths}).Check(); err != nil {
			t.Error(err)
		}
	})
}
