package sampletree

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func itoa(n int) string { return strconv.Itoa(n) }

// checkout is a directory with the tree of the commits applied so far.
type checkout struct {
	directory string
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the sample tree")
	}
	for _, program := range []string{"cc", "make", "sh", "ar"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the sample tree needs %s: %v", program, err)
		}
	}
	return checkout{t.TempDir()}
}

// apply writes what the commit changes, as git would: no other file is touched.
func (c checkout) apply(t *testing.T, commit Commit) {
	t.Helper()
	for name, content := range commit.Files {
		file := filepath.Join(c.directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range commit.Deleted {
		if err := os.Remove(filepath.Join(c.directory, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs in the tree, with nothing of our environment but PATH.
func (c checkout) command(t *testing.T, environment []string, name string, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = c.directory
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, environment...)
	output, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %v: %v", name, arguments, err)
	}
	return string(output), err
}

// build returns the log of make; err tells whether it failed.
func (c checkout) build(t *testing.T, config string) (string, error) {
	t.Helper()
	if log, err := c.command(t, nil, "make", config); err != nil {
		t.Fatalf("make %s: %v\n%s", config, err, log)
	}
	return c.command(t, nil, "make", append([]string{"-j2"}, Build().Targets...)...)
}

var compiled = regexp.MustCompile(`(?m)^  CC      (\S+)$`)

// objects returns what the log says was compiled, sorted.
func objects(log string) []string {
	var list []string
	for _, match := range compiled.FindAllStringSubmatch(log, -1) {
		list = append(list, match[1])
	}
	slices.Sort(list)
	return list
}

// snapshot is the state of every file: size, time of change and mode.
func (c checkout) snapshot(t *testing.T) map[string]string {
	t.Helper()
	state := map[string]string{}
	err := filepath.WalkDir(c.directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		state[path] = info.Mode().String() + " " + strconv.FormatInt(info.Size(), 10) + " " +
			info.ModTime().Format(time.RFC3339Nano)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// run runs one test as Drover does, and returns what it says and its output.
func (c checkout) run(t *testing.T, test Test, attempt int) (outcome, string) {
	t.Helper()
	scratch := t.TempDir()
	environment := []string{
		"DROVER_OUT=" + scratch, "TMPDIR=" + scratch, "DROVER_ATTEMPT=" + strconv.Itoa(attempt),
	}
	output, err := c.command(t, environment, "sh", "-c", test.Command)
	got := outcomeOf(output)
	want := map[outcome]int{passed: 0, skipped: 0, failed: 1, errored: 2}
	status := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		status = exit.ExitCode()
	}
	if code, ok := want[got]; !ok || code != status {
		t.Errorf("%s: exit status %d with %s\n%s", test.Name, status, got, output)
	}
	return got, output
}

// attempts runs a test until it did not fail, twice at most, and returns the
// outcomes and the output of the first attempt.
func (c checkout) attempts(t *testing.T, test Test) ([]outcome, string) {
	t.Helper()
	first, output := c.run(t, test, 1)
	if first == passed || first == skipped {
		return []outcome{first}, output
	}
	second, _ := c.run(t, test, 2)
	return []outcome{first, second}, output
}

// observed is what the results of a commit say, compared with the last known
// result of each test; last is brought up to date.
func observed(results map[string][]outcome, last map[string]outcome) Expectation {
	seen := Expectation{Verdict: "ok"}
	for name, attempts := range results {
		final := attempts[len(attempts)-1]
		switch {
		case final == skipped:
			seen.Skipped++
		case final == errored:
			seen.Infra++
			continue // says nothing of the code, so it is no history
		case final == failed && last[name] == failed:
			seen.StillFailing++
		case final == failed:
			seen.New++
			seen.Verdict = "new"
		default:
			seen.Passed++
			if attempts[0] == failed {
				seen.Flaky++
			}
			if last[name] == failed {
				seen.Fixed++
			}
		}
		last[name] = final
	}
	return seen
}

// runAll runs all tests; the tree must be the same afterwards.
func (c checkout) runAll(t *testing.T) (results map[string][]outcome, outputs map[string]string) {
	t.Helper()
	results, outputs = map[string][]outcome{}, map[string]string{}
	before := c.snapshot(t)
	for _, test := range Tests() {
		results[test.Name], outputs[test.Name] = c.attempts(t, test)
	}
	if diff := cmp.Diff(before, c.snapshot(t)); diff != "" {
		t.Errorf("the tests changed the tree (-before +after):\n%s", diff)
	}
	return results, outputs
}

// names returns the paths of all files below the tree, sorted.
func (c checkout) names(t *testing.T) []string {
	t.Helper()
	var list []string
	for path := range c.snapshot(t) {
		name, err := filepath.Rel(c.directory, path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
