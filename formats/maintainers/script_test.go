package maintainers

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// script is a kernel tree with its own scripts/get_maintainer.pl.
type script struct {
	folder string
	perl   string
}

// run gives what the script prints for files, sorted: sections of the same rank
// come out in another order each time.
func (s script) run(t *testing.T, files ...string) []string {
	t.Helper()
	command := exec.Command(s.perl, append([]string{"scripts/get_maintainer.pl", "--no-git", "--no-git-fallback", "-f"}, files...)...)
	command.Dir = s.folder
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("get_maintainer.pl of %v: %v\n%s", files, err, problems.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	slices.Sort(lines)
	return lines
}

func (s script) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// index is ours, of the same tree.
func (s script) index(t *testing.T) *Index {
	t.Helper()
	f, err := Parse(s.read(t, "MAINTAINERS"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMailmap(s.read(t, ".mailmap"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ix := NewIndex(f, Options{Mailmap: m, IsDir: func(path string) bool {
		info, err := os.Stat(filepath.Join(s.folder, path))
		return err == nil && info.IsDir()
	}})
	if len(ix.Problems()) > 0 {
		t.Errorf("problems: %v", ix.Problems())
	}
	return ix
}

// TestAsTheScript asks both for files of a whole kernel tree, chosen at random:
// names, addresses, roles and lists are the same. Addresses that the script
// finds within .yaml files are no business of MAINTAINERS.
func TestAsTheScript(t *testing.T) {
	folder := os.Getenv("DROVER_TEST_LINUX")
	perl, err := exec.LookPath("perl")
	if folder == "" || err != nil {
		t.Skip("needs perl, and the folder of a kernel tree in DROVER_TEST_LINUX, to ask scripts/get_maintainer.pl")
	}
	s := script{folder, perl}
	ix := s.index(t)
	different := 0
	for _, file := range sample(t, folder, 500) {
		o := ix.Owners(file, s.read(t, file))
		want := withoutYAML(s.run(t, file))
		if diff := cmp.Diff(want, printed(o)); diff != "" && !sameButForTies(want, o, ix) {
			different++
			t.Errorf("%s: the script (-) and we (+) differ\n%s", file, diff)
		}
	}
	t.Logf("measured: %d of 500 sampled files have other owners than get_maintainer.pl says", different)
}

// withoutYAML takes out the addresses that the script found within the file.
func withoutYAML(lines []string) []string {
	var list []string
	for _, line := range lines {
		if line = strings.ReplaceAll(line, ",in file)", ")"); !strings.HasSuffix(line, " (in file)") {
			list = append(list, line)
		}
	}
	return list
}

// sameButForTies tells whether the script's lines name the same people and
// lists, and differ in what sections of the same rank say of them alone: the
// script takes those in the order of a Perl hash, another one each time.
func sameButForTies(want []string, o Owners, ix *Index) bool {
	got := slices.Concat(o.People, o.Lists)
	if len(want) != len(got) {
		return false
	}
	for _, p := range got {
		var lines []string
		rank := 0
		for _, m := range o.Matches { // deepest first: the first that names them decides the rank
			for _, c := range ix.contacts[m.at] {
				if !(c.person.Name != "" && c.person.Name == p.Name || c.person.Address == p.Address) {
					continue
				}
				if len(lines) == 0 {
					rank = m.Depth
				}
				if m.Depth == rank {
					lines = append(lines, c.person.String())
				}
			}
		}
		if !slices.ContainsFunc(want, func(line string) bool { return slices.Contains(lines, line) }) {
			return false
		}
	}
	return true
}

// printed is what the script would print, sorted.
func printed(o Owners) []string {
	var lines []string
	for _, p := range slices.Concat(o.People, o.Lists) {
		lines = append(lines, p.String())
	}
	slices.Sort(lines)
	return lines
}

// sample chooses files of a tree, the same ones each time.
func sample(t testing.TB, folder string, n int) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if name != "MAINTAINERS" {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(6, 1))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}
