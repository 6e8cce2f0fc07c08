package targeting

import (
	"slices"
	"testing"
)

func TestForesee(t *testing.T) {
	parse := func(text string) Definition {
		when, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return Definition{Name: "t", When: when}
	}
	builds := []Build{{"x86_64", "defconfig"}, {"arm64", "defconfig"}, {"arm64", "debug"}}
	changed := func(paths ...string) Past {
		var files []File
		for _, path := range paths {
			files = append(files, File{Path: path})
		}
		return Past{Change{Files: OfFiles(files...)}, builds}
	}
	got, err := Foresee(parse("paths: [net/]"), parse("paths: [net/tls/, fs/]\narches: [aarch64]"), []Past{
		changed("README", "net/tls/a.c", "fs/a.c"), changed("net/ipv4/a.c"), changed("fs/b.c"), changed("mm/a.c"), {Change{Files: AllFiles()}, builds[:1]}, {Change{Files: AllFiles()}, nil},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Foreseen{
		{Runs: true, Ran: true, Builds: 2, Files: []int{1, 2}}, {Ran: true}, {Runs: true, Builds: 2, Files: []int{0}}, {}, {Ran: true}, {},
	} {
		if f := got[i]; f.Runs != want.Runs || f.Ran != want.Ran || f.Builds != want.Builds || !slices.Equal(f.Files, want.Files) || i < 5 && f.Choice.Reason == "" {
			t.Errorf("%d: %+v, want %+v", i, f, want)
		}
	}
	if _, err := Foresee(parse(""), Definition{Name: "t", When: Condition{Paths: []string{"~("}}}, nil, nil); err == nil {
		t.Error("a pattern that cannot be compiled")
	}
}
