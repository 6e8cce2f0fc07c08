package kerneltree

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const makefile = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\nNAME = Baby\nVERSION = 9\n"

func TestDetect(t *testing.T) {
	got := Detect([]string{
		"Makefile", "Kconfig", "arch/arm64/configs/defconfig", "arch/arm64/configs/virt.config", "arch/x86/configs/x86_64_defconfig", "arch/x86/configs/i386_defconfig",
		"arch/powerpc/configs/44x/fsp2_defconfig", "arch/x86/configs/README", "kernel/configs/debug.config", "lib/kunit/.kunitconfig", "fs/ext4/.kunitconfig", "fs/ext4/.kunitconfig", ".kunitconfig", "configs/defconfig",
	}, map[string]string{
		"Makefile":                         makefile,
		"tools/testing/selftests/Makefile": "TARGETS += bpf\nTARGETS += net net/forwarding \\\n  mm # comment\nifdef X\nTARGETS += $(EXTRA) x86\nendif\nTARGETS_HOTPLUG = cpu-hotplug\nSKIP_TARGETS ?= bpf\n",
		"lib/Kconfig":                      "config LIST_KUNIT_TEST\n\ttristate\nmenuconfig KUNIT\n  config MEMCPY_KUNIT_TEST\nconfig NOT_A_TEST\n",
		"lib/Makefile":                     "config FOO_KUNIT_TEST\n",
	})
	want := Tree{
		Linux: true, Version: "6.12.0-rc3",
		Defconfigs: map[string][]string{"arm64": {"defconfig"}, "powerpc": {"44x/fsp2_defconfig"}, "x86": {"i386_defconfig", "x86_64_defconfig"}},
		Fragments:  []string{"arch/arm64/configs/virt.config", "kernel/configs/debug.config"},
		Selftests:  []string{"bpf", "mm", "net", "net/forwarding", "x86"},
		KUnit:      []string{".", "fs/ext4", "lib/kunit"}, KUnitTests: []string{"LIST_KUNIT_TEST", "MEMCPY_KUNIT_TEST"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("found (-want +got)\n%s", diff)
	}
}

func TestNotLinux(t *testing.T) {
	for name, c := range map[string]struct {
		paths    []string
		makefile string
		missing  string
	}{
		"nothing":           {nil, "", "a Makefile with VERSION"},
		"another Makefile":  {[]string{"Makefile", "Kconfig"}, "all:\n\tcc a.c\n", "a Makefile with VERSION"},
		"no Kconfig":        {[]string{"Makefile", "lib/Kconfig"}, makefile, "a Kconfig"},
		"only a patchlevel": {[]string{"Makefile", "Kconfig"}, "PATCHLEVEL = 1\n", "a Makefile with VERSION"},
	} {
		if got := Detect(c.paths, map[string]string{"Makefile": c.makefile}); got.Linux || !strings.HasPrefix(got.Missing, c.missing) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{
		makefile: "6.12.0-rc3", "VERSION = 6\nPATCHLEVEL = 1\n": "6.1", "VERSION=5\r\nPATCHLEVEL=10\r\nSUBLEVEL=7\r\nEXTRAVERSION=\r\n": "5.10.7", "VERSION = $(shell reboot)\nPATCHLEVEL = 1": "", "VERSION = 1": "",
		"\tVERSION = 6\nPATCHLEVEL = 1\n": "", "all:\n\techo VERSION = 6\n": "", "VERSION = 6 # not in kernels\nPATCHLEVEL = 1\n": "",
		"VERSION = 6\nPATCHLEVEL = 12\nEXTRAVERSION = <b>\n": "6.12", "XVERSION = 6\nPATCHLEVEL = 12\nVERSION_CODE = 1234\n": "",
	} {
		if got := Version(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("arch/x86/configs/a_defconfig\nlib/.kunitconfig\nKconfig", makefile, "TARGETS += a \\\n b\n", "config A_KUNIT_TEST\n")
	f.Fuzz(func(t *testing.T, paths, makefile, targets, kconfig string) {
		got := Detect(strings.Split(paths, "\n"), map[string]string{"Makefile": makefile, selftests: targets, "lib/Kconfig": kconfig})
		if got.Linux != (got.Version != "" && got.Missing == "") {
			t.Errorf("%+v", got)
		}
		for _, list := range [][]string{got.Selftests, got.KUnit, got.KUnitTests, got.Fragments} {
			for i, name := range list {
				if name == "" || len(name) > longest || i > 0 && list[i-1] >= name {
					t.Errorf("the list %q", list)
				}
			}
		}
	})
}
