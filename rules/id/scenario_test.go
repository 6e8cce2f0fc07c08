package id

import "testing"

func TestScenarioKey(t *testing.T) {
	base := Scenario{Test: "lib/ring", Tree: "net-next", Branch: "main", Arch: "x86_64", Config: "defconfig", Compiler: "gcc"}
	// Stored keys depend on this number: it must never change.
	if got := base.Key(); got != 4976256921252306986 {
		t.Errorf("the key of %+v is %d", base, got)
	}
	seen := map[int64]Scenario{}
	for _, s := range []Scenario{
		base,
		{Tree: "net-next", Branch: "main", Arch: "x86_64", Config: "defconfig", Compiler: "gcc"},
		{Test: "lib/ring", Tree: "net-nextmain", Arch: "x86_64", Config: "defconfig", Compiler: "gcc"},
		{Test: "lib/ring", Tree: "net-next", Branch: "main", Arch: "x86_64", Config: "defconfiggcc"},
	} {
		key := s.Key()
		if key < 0 {
			t.Errorf("%+v has the negative key %d", s, key)
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%+v and %+v share %d", s, other, key)
		}
		seen[key] = s
	}
}
