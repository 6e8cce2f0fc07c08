package git

import (
	"fmt"
	"strings"

	"drover/clients"
)

// said maps what git and servers print (LC_ALL=C, lower case) to a class. The
// first match counts. Where advice is set it comes before git's own words.
var said = []struct {
	text   string
	class  clients.Class
	advice string
}{
	// Mirrors lag each other: what one listed, another does not have yet.
	{"not our ref", clients.NotYet, ""},
	{"couldn't find remote ref", clients.NotYet, ""},
	{"no such remote ref", clients.NotYet, ""},
	{"unadvertised object", clients.NotYet, ""},

	{"host key verification failed", clients.Auth, "the host key is not among the known hosts"},
	{"permission denied (", clients.Auth, "the ssh key is missing or not accepted"},
	{"authentication failed", clients.Auth, "the repository is private, or its name is wrong"},
	{"could not read username", clients.Auth, "the repository is private, or its name is wrong"},
	{"returned error: 401", clients.Auth, ""},
	{"returned error: 403", clients.Auth, ""},

	{"dubious ownership", clients.Permanent, "the repository belongs to another user of the server"},
	{"returned error: 30", clients.Permanent, "the repository moved: change the URL"},
	{"returned error: 404", clients.Permanent, "no such repository; one that is being moved can be away for minutes"},
	{"does not appear to be a git repository", clients.Permanent, "no such repository"},
	{"access denied or repository not exported", clients.Permanent, "no such repository"},
	{"no such file or directory", clients.Permanent, "no such repository"},
	{"mismatched algorithms", clients.Permanent, "repositories with SHA-256 object ids cannot be mirrored yet"},
	{"not allowed", clients.Permanent, ""},

	{"not valid: is this a git repository", clients.Transient, errPage.Error()},
	{"invalid index-pack output", clients.Transient, ""}, // before "not found": a cut off pack
	{"repository not found", clients.Permanent, "no such repository"},
	{"' not found", clients.Permanent, "no such repository; one that is being moved can be away for minutes"},
}

// saysFull tells whether git, not the other side, found no room. It comes
// before the table: more lines follow, which would say that nothing is there.
func saysFull(text string) bool {
	for line := range strings.Lines(text) {
		full := strings.Contains(line, "no space left on device") || strings.Contains(line, "disk quota exceeded")
		if full && !strings.HasPrefix(line, "remote:") {
			return true
		}
	}
	return false
}

// classOfText is Transient for whatever is not in the table: the network, a
// cut off pack, a full disk. It is retried, and parked when that never helps.
func classOfText(text string) clients.Class {
	text = strings.ToLower(text)
	if saysFull(text) {
		return clients.Transient
	}
	for _, s := range said {
		if strings.Contains(text, s.text) {
			return s.class
		}
	}
	return clients.Transient
}

// classify gives a git that failed its class and advice.
func classify(op string, exit *exitError) error {
	text := strings.ToLower(exit.stderr)
	if saysFull(text) {
		return clients.Fail(clients.Transient, op, fmt.Errorf("%w: %w", clients.ErrFull, exit))
	}
	for _, s := range said {
		if !strings.Contains(text, s.text) {
			continue
		}
		if s.advice == "" {
			return clients.Fail(s.class, op, exit)
		}
		return clients.Fail(s.class, op, fmt.Errorf("%s: %w", s.advice, exit))
	}
	return clients.Fail(clients.Transient, op, exit)
}
