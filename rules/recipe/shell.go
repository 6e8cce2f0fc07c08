package recipe

import (
	"regexp"
	"strings"
)

// lineWidth is 72 columns less the two that a mail puts in front of commands.
const lineWidth = 70

// continuation starts the lines of a command after its first.
const continuation = "  "

// plainWord needs no quotes in a POSIX shell. A tilde is special at the start
// only, an equals sign only in the command's own place, so both are absent or
// harmless here.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord is value as one word of a shell command that people copy. Drover
// itself never gives such a text to a shell.
func shellWord(value string) string {
	if plainWord.MatchString(value) {
		return value
	}
	// make variables read better as CC="ccache gcc" than quoted as a whole
	if name, rest, found := strings.Cut(value, "="); found && plainWord.MatchString(name) && !strings.ContainsAny(rest, "\"\\$`!") {
		return name + `="` + rest + `"`
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// shellLines is a command of already quoted words, folded with backslashes. A
// word is never broken: inside a URL a continued line would, with its
// indentation, become two arguments. So a line can be longer than lineWidth
// when a single word is.
func shellLines(words ...string) []string {
	var lines []string
	line := ""
	for i, word := range words {
		room := lineWidth
		if i < len(words)-1 {
			room -= len(` \`)
		}
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > room:
			lines = append(lines, line+` \`)
			line = continuation + word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// command quotes every argument and folds.
func command(argv ...string) []string {
	words := make([]string, len(argv))
	for i, value := range argv {
		words[i] = shellWord(value)
	}
	return shellLines(words...)
}

// commentLines folds a remark.
func commentLines(text string) []string {
	var lines []string
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if line != "#" && len(line)+1+len(word) > lineWidth {
			lines = append(lines, line)
			line = "#"
		}
		line += " " + word
	}
	return append(lines, line)
}

// ownerLines prints the owner's shell text. One that is a single line of plain
// words is folded; one with quotes, comments or several lines is left exactly
// as it is, because folding could change what it means.
func ownerLines(text string) []string {
	text = strings.Trim(text, "\n")
	if strings.ContainsAny(text, "\n\t'\"\\#`") || strings.Contains(text, "  ") || strings.Contains(text, "<<") {
		return strings.Split(text, "\n")
	}
	return shellLines(strings.Fields(text)...)
}
