package story

import (
	"time"

	"drover/views/ui"
)

// hash is a whole commit hash.
var hash = Head().Commit

func (s Samples) values() []Component {
	return []Component{
		{Name: "When", For: "A time as people say it, with the whole of it in UTC in the title.", Examples: []Example{
			{"now", ui.When(s.Now, s.Now)},
			{"50 seconds ago", ui.When(s.Before(50*time.Second), s.Now)},
			{"minutes ago", ui.When(s.Before(12*time.Minute), s.Now)},
			{"hours ago", ui.When(s.Before(47*time.Hour), s.Now)},
			{"days ago", ui.When(s.Before(59*24*time.Hour), s.Now)},
			{"more than 60 days ago: a date", ui.When(s.Before(90*24*time.Hour), s.Now)},
			{"to come", ui.When(s.Before(-5*time.Minute), s.Now)},
			{"not known: nothing", ui.When(time.Time{}, s.Now)},
		}},
		{Name: "Duration", For: "A length of time; one beyond its usual 90th percentile is marked.", Examples: []Example{
			{"zero", ui.Duration(0, 0)},
			{"less than a second", ui.Duration(0.84, 0)},
			{"minutes", ui.Duration(252, 300)},
			{"hours", ui.Duration(11520, 0)},
			{"days", ui.Duration(187200, 0)},
			{"slower than usual", ui.Duration(252, 200)},
			{"a clock that went back", ui.Duration(-4, 0)},
		}},
		{Name: "Commit", For: "A hash, 12 characters of it, with a button that copies all of it.", Examples: []Example{
			{"plain", ui.Commit(hash, "")},
			{"a link", ui.Commit(hash, here("values"))},
			{"a short one", ui.Commit("9c1e77a", "")},
		}},
		{Name: "RevisionLink", For: "A checkout by its describe text or hash.", Examples: []Example{
			{"described", ui.RevisionLink(Head())},
			{"not described", ui.RevisionLink(Revision(4, "", "Revert"))},
		}},
		{Name: "HashLink", For: "A checkout by its hash, where space is dear.", Examples: []Example{
			{"described in the title", ui.HashLink(Head())},
		}},
		{Name: "Long", For: "A name that may break after / _ - : @ and comma, and is never cut.", Examples: []Example{
			{"120 characters", ui.Long(LongName)},
			{"a branch with slashes", ui.Long("for-6.13/block/really-long-topic_with_underscores")},
			{"one word without a place to break", ui.Long("drm_test_fb_xrgb8888_to_rgb565" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")},
			{"markup", ui.Long(Hostile)},
			{"nothing", ui.Long("")},
		}},
		{Name: "PersonName", For: "Somebody, with the address if the reader may see it.", Examples: []Example{
			{"with an address", ui.PersonName(ui.Person{Name: "Asha Rao", Email: "asha@example.com"})},
			{"without", ui.PersonName(ui.Person{Name: "Tomás Silva"})},
			{"an address alone", ui.PersonName(ui.Person{Email: "asha@example.com"})},
			{"markup in both", ui.PersonName(ui.Person{Name: Hostile, Email: "x@" + Hostile})},
		}},
		{Name: "Copy", For: "Puts a text into the clipboard; hidden where that cannot work.", Examples: []Example{
			{"a button", ui.Copy(hash, "Copy the whole hash")},
		}},
		{Name: "CopyText", For: "A copy button with its label in words.", Examples: []Example{
			{"a button", ui.CopyText("make olddefconfig", "Copy all commands")},
		}},
		{Name: "CodeBlock", For: "Lines to be typed into a terminal, copied as they stand.", Wide: true, Examples: []Example{
			{"three lines", ui.CodeBlock("Get the source", Reproduce().Steps[0].Lines)},
			{"a long line scrolls", ui.CodeBlock("Boot it", []string{"qemu-system-x86_64 -M q35 -m 4G -smp 2 -kernel bzImage -append 'console=ttyS0 panic=-1 " + LongName + "' -nographic -no-reboot"})},
			{"no line", ui.CodeBlock("Nothing", nil)},
			{"markup", ui.CodeBlock("A hostile name", []string{Hostile})},
		}},
	}
}
