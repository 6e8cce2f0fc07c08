package recipe

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MaxCode bounds the paths that a test has as its code. A suite that is spread
// wider names its folder.
const MaxCode = 20

// Code says where in the tree under test the code of a test lives.
type Code struct {
	Paths []string // files and folders; git knows which of them are there
	Named bool     // by the owner of the test, not found in its command
	KUnit bool     // the KUnit tests of the whole tree, in place of Paths
}

// FindCode says where the code of a test lives: where its owner says, or else
// at the paths in its command, or where trees keep KUnit tests.
func (t TestSettings) FindCode() Code {
	switch {
	case len(t.Code) > 0:
		return Code{Paths: distinct(t.Code), Named: true}
	case t.Name == NameKUnitUM:
		return Code{KUnit: true}
	}
	return Code{Paths: pathsIn(t.Command)}
}

// Has tells whether a path that a commit has is code of the test. A folder in
// a command is often what the test is about ("run.sh fs/ext4"), so that only
// folders of tests are taken unless the owner named them.
func (c Code) Has(name string, folder bool) bool {
	if c.KUnit {
		return !folder && isKUnit(name)
	}
	return slices.Contains(c.Paths, name) && (c.Named || !folder || strings.Contains(name, "test"))
}

// Words are where the code lives, for the page of a test; "" if nowhere.
func (c Code) Words() string {
	list := strings.Join(c.Paths, ", ")
	switch {
	case c.KUnit:
		return "every KUnit test of the tree"
	case c.Named || list == "":
		return list
	}
	return list + ", from the command, as far as the tree has it"
}

// Of says in words what a revision is the revision of, given the paths that
// were found.
func (c Code) Of(found []string) string {
	switch {
	case c.KUnit:
		return counted(len(found), "KUnit file", "KUnit files")
	case len(found) == 1:
		return found[0]
	}
	return counted(len(found), "path", "paths")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// codePaths refuses what cannot be a path of the tree.
func (p *Problems) codePaths(list []string) {
	if len(list) > MaxCode {
		p.add("code", fmt.Sprintf("has more than %d paths: give the folder that holds them", MaxCode))
	}
	for _, value := range list {
		if !relativePath(value) {
			p.add("code", quoted(value)+" is not a path in the tree: give files or folders from its top, such as tools/testing/net/run.sh, without .. and spaces")
		}
	}
}

// apart divides a command into words that may be paths: at what a shell
// divides at, and at "=" for "--list=tests/quick.txt".
var apart = regexp.MustCompile("[\\s;|&()<>\"'`=]+")

// extension is the end of a name that is rather a file than a word.
var extension = regexp.MustCompile(`[^./]\.[a-z][a-z0-9]{0,4}$`)

// pathsIn lists what may be paths of the tree among the words of a command,
// which runs at its top. A word without slash and ending is no path: make, all
// and net are folders or files of some tree, and mean something else.
func pathsIn(command string) []string {
	var list []string
	for _, word := range apart.Split(command, -1) {
		for _, top := range []string{"$SOURCE/", "${SOURCE}/", "./"} {
			if rest, found := strings.CutPrefix(word, top); found {
				word = "./" + strings.TrimPrefix(rest, "./")
				break
			}
		}
		isPath := strings.Contains(word, "/") || extension.MatchString(word)
		if word = strings.TrimPrefix(word, "./"); isPath && relativePath(word) {
			list = append(list, word)
		}
	}
	list = distinct(list)
	return list[:min(len(list), MaxCode)]
}

// distinct lists clean paths, each once, in their order.
func distinct(paths []string) []string {
	var list []string
	for _, one := range paths {
		if one = path.Clean(one); !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// kunitNames are the endings that the kernel's rules for KUnit ask for
// (Documentation/dev-tools/kunit/style.rst), and older ones.
var kunitNames = []string{"_test.c", "-test.c", "_kunit.c"}

// isKUnit tells whether a file of the tree is a KUnit test, or what runs them.
// Programs below tools and samples have such names too and are no part of the
// kernel.
func isKUnit(name string) bool {
	switch {
	case strings.HasPrefix(name, "lib/kunit/"), strings.HasPrefix(name, "tools/testing/kunit/"):
		return true
	case strings.HasPrefix(name, "tools/"), strings.HasPrefix(name, "samples/"):
		return false
	case path.Base(path.Dir(name)) == "tests" && strings.HasSuffix(name, ".c"):
		return true
	}
	return slices.ContainsFunc(kunitNames, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Revision is what a result was made with.
type Revision struct {
	Definition int64  // version of the test's definition
	Digest     string // of its code in the tree, "" if that is not known
	Of         string // what was digested, in words
}

const (
	beforeDigest = ", code "
	beforeOf     = " of "
)

// String is how a revision is stored and shown:
//
//	definition 3, code 1a2b3c4d5e6f of tests/net.sh
func (r Revision) String() string {
	text := "definition " + strconv.FormatInt(r.Definition, 10)
	if r.Digest != "" {
		text += beforeDigest + r.Digest + beforeOf + r.Of
	}
	return text
}

// RevisionChanged tells whether a test was another one before, from two stored
// revisions. Code that is not known on one side, as in results of before code
// was noted, is no change.
func RevisionChanged(before, now string) bool {
	if before == "" || now == "" {
		return false
	}
	definitionBefore, codeBefore, _ := strings.Cut(before, beforeDigest)
	definitionNow, codeNow, _ := strings.Cut(now, beforeDigest)
	digestBefore, _, _ := strings.Cut(codeBefore, beforeOf)
	digestNow, _, _ := strings.Cut(codeNow, beforeOf)
	return definitionBefore != definitionNow || digestBefore != "" && digestNow != "" && digestBefore != digestNow
}
