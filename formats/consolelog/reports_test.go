package consolelog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reportFolder holds console logs of kernel crashes beside the module root;
// the head of each names what a kernel fuzzer made of it.
const reportFolder = "../../../shared/data/crash-reports"

// titleWords are what the first error must contain for a title to count as
// recognised: crash and hang titles are words of our rules in other order.
var titleWords = []struct {
	title string
	rules []string
}{
	{"KASAN:", []string{"kasan", "oops"}},
	{"KMSAN:", []string{"kmsan"}},
	{"KCSAN:", []string{"kcsan"}},
	{"KFENCE:", []string{"kfence"}},
	{"UBSAN:", []string{"ubsan"}},
	{"INFO: task hung", []string{"hung task"}},
	{"INFO: rcu detected stall", []string{"rcu stall", "lockup"}},
	{"possible deadlock", []string{"lockdep"}},
	{"BUG: soft lockup", []string{"lockup"}},
	{"kernel BUG", []string{"kernel bug", "oops"}},
	{"general protection fault", []string{"oops", "kasan"}},
	{"kernel panic", []string{"kernel panic", "bug"}},
	{"WARNING:", []string{"warning", "kernel warning", "lockdep", "bug", "rcu stall"}},
	{"WARNING in", []string{"warning", "kernel warning"}},
	{"memory leak", []string{"bug", "memory leak"}},
	{"BUG:", []string{"bug", "oops", "lockdep", "lockup", "usercopy", "kasan", "kernel bug"}},
}

func TestCrashReports(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(reportFolder, "*"))
	if len(files) == 0 {
		t.Skipf("no crash reports in %s: the samples of public logs are not beside this module", reportFolder)
	}
	silent, other, checked := 0, 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(text, []byte("\n\n"))
		body, _, _ = bytes.Cut(body, []byte("\nREPORT:"))
		title, _, _ := strings.Cut(strings.TrimPrefix(string(head), "TITLE: "), "\n")
		log, err := Index(bytes.NewReader(body), Options{})
		if err != nil {
			t.Fatal(err)
		}
		first, ok := log.First()
		if !ok || first.Severity < Failure {
			silent++
			t.Logf("%s: %q has no first error", filepath.Base(file), title)
			continue
		}
		for _, c := range titleWords {
			if !strings.HasPrefix(title, c.title) {
				continue
			}
			checked++
			if !strings.Contains(" "+strings.Join(c.rules, " ")+" ", " "+first.Rule+" ") {
				other++
				t.Logf("%s: %q: first error is %s: %q", filepath.Base(file), title, first.Rule, first.Text)
			}
			break
		}
	}
	t.Logf("%d reports, %d without a first error; %d titles checked, %d with another rule", len(files), silent, checked, other)
	if silent*20 > len(files) {
		t.Errorf("%d of %d crash reports have no first error", silent, len(files))
	}
	if other*20 > checked {
		t.Errorf("%d of %d first errors are not what the title says", other, checked)
	}
}
