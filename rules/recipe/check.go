package recipe

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Problem is what is wrong with one field, and what to do about it.
type Problem struct {
	Field   string // the JSON name of the field: "config_target"
	Message string // a sentence for the person who filled in the form
}

// Problems is every Problem of one recipe; as an error it prints them all.
type Problems []Problem

func (p Problems) Error() string {
	parts := make([]string, len(p))
	for i, one := range p {
		parts[i] = one.Field + ": " + one.Message
	}
	return strings.Join(parts, "; ")
}

// err is p as an error, nil if there is none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p *Problems) add(field, message string) {
	*p = append(*p, Problem{Field: field, Message: message})
}

var (
	archPattern     = regexp.MustCompile(`^[a-z0-9_]+$`)
	crossPattern    = regexp.MustCompile(`^[a-z0-9_]+(-[a-z0-9_]+)*-$`)
	compilerPattern = regexp.MustCompile(`^(gcc|clang)(-[1-9][0-9]?)?$`)
	targetPattern   = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]*$`)
	pathPattern     = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_.+,-]*(/[A-Za-z0-9_.+,-]+)*/?$`)
	globPattern     = regexp.MustCompile(`^[A-Za-z0-9_.*?:-]+$`)
)

func (p *Problems) arch(value string) {
	if !archPattern.MatchString(value) || len(value) > shortTextLimit {
		p.add("arch", "use the kernel's name of the architecture in lower case, such as x86_64, arm64, s390 or um")
	}
}

func (p *Problems) cross(value string) {
	if value != "" && (!crossPattern.MatchString(value) || len(value) > shortTextLimit) {
		p.add("cross_compile", "give the prefix of the cross compiler with its last dash, such as aarch64-linux-gnu-, or leave it empty")
	}
}

func (p *Problems) compiler(value string) {
	if value != "" && !compilerPattern.MatchString(value) {
		p.add("compiler", "use gcc, clang, or one of them with a major version such as gcc-14 or clang-18, or leave it empty")
	}
}

// configTarget accepts a make target (defconfig) or a file in the tree.
func (p *Problems) configTarget(value string) {
	if targetPattern.MatchString(value) && len(value) <= shortTextLimit || relativePath(value) && isFile(value) {
		return
	}
	p.add("config_target", "use a target such as defconfig, tinyconfig or allnoconfig, or a file in the tree such as kernel/configs/debug.config")
}

func (p *Problems) files(field string, list []string) {
	for _, value := range list {
		if !relativePath(value) || strings.HasSuffix(value, "/") {
			p.add(field, quoted(value)+" is not a file in the tree: give its path from the top, without .. and spaces; for a folder with KUnit tests, its .kunitconfig")
		}
	}
}

// targets are words for make: a dash would be an option, an equals sign a
// variable, and both would change what the build means.
func (p *Problems) targets(list []string) {
	for _, value := range list {
		if !relativePath(value) {
			p.add("targets", quoted(value)+" is not a target of make: use names or paths such as all, modules or fs/ext4/")
		}
	}
}

func (p *Problems) jobs(n int) {
	if n < 0 || n > maxJobs {
		p.add("jobs", "use a number from 1 to "+strconv.Itoa(maxJobs)+", or 0 for as many as the machine has processors")
	}
}

func (p *Problems) timeout(field string, d time.Duration) {
	if d != 0 && (d < MinTimeout || d > MaxTimeout) {
		p.add(field, "use a time between 1 second and 24 hours, or leave it empty")
	}
}

// relativePath accepts a clean path below the top of a tree that no program
// takes for an option and no shell takes apart.
func relativePath(value string) bool {
	if len(value) > 4*shortTextLimit || !pathPattern.MatchString(value) {
		return false
	}
	clean := path.Clean(value)
	return clean == strings.TrimSuffix(value, "/") && clean != "." && clean != ".." && !strings.HasPrefix(clean, "../")
}

// isFile tells a path of a config file from a target of make. A bare name is a
// target, also with the ending: "make debug.config" merges kernel/configs/debug.config.
func isFile(value string) bool {
	return strings.Contains(value, "/") && !strings.HasSuffix(value, "/")
}

// control tells whether text has a character that no setting needs and that
// would break a log, a mail or a terminal. Tabs and line ends are allowed.
func control(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}

// quoted shows a refused value without letting it spoil the message.
func quoted(value string) string {
	if len(value) > 60 {
		value = strings.ToValidUTF8(value[:60], "") + "..."
	}
	return strconv.QuoteToASCII(value)
}
