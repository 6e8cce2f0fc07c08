package story

import (
	"drover/rules/status"
	"drover/views/ui"
)

// bare is a failure of which hardly anything is known.
func bare(mark ui.Mark) ui.Failure {
	return ui.Failure{Mark: mark, Result: Nth(33), Tests: []string{"boot"}}
}

// marked is the usual failure with another mark and another past.
func marked(shown status.Shown, before string, last string) ui.Failure {
	f := Failure()
	f.Shown, f.Before, f.Last = shown, before, Cells(last)
	return f
}

// spread is a failure in many places, with texts that are long or markup.
func spread(words string) ui.Failure {
	f := Failure()
	f.Tests = []string{words, LongName + "/2", LongName + "/3"}
	f.Arches = []string{"aarch64", "arm", "i386", "loongarch", "mips", "ppc64le", "riscv64", "s390x", "x86_64"}
	f.Configs, f.Compilers, f.Hosts = []string{"allmodconfig", "debug", "defconfig", "tinyconfig"}, []string{"clang-17", "clang-18", "gcc-13", "gcc-14"}, 120
	f.PassesOn = f.Arches
	f.FirstError, f.Line = words+" "+words, 1234567
	f.Last = Cells("ppppppppppppppppppppppppppppppppppppppppppppppppppppppppnnnn")
	f.Issue = &ui.Issue{Number: 123456, Title: words}
	return f
}

// without is a failure whose log was not kept.
func without(why string) ui.Failure {
	f := Failure()
	f.FirstError, f.Log, f.Line, f.LogMissing = "", "", 0, why
	return f
}

// noError is a failure whose log has no line that looks like an error.
func noError() ui.Failure {
	f := Failure()
	f.FirstError, f.Line = "", 0
	return f
}

func (s Samples) failures() []Component {
	missing := Reproduce()
	missing.Missing = []string{"the firmware of the card", "the config of the lab"}
	return []Component{
		{Name: "FailureCard", For: "A failure with its evidence: where, what line, how it did before.", Wide: true, Examples: []Example{
			{"new", ui.FailureCard(Failure())},
			{"several tests with the same error, and an issue", ui.FailureCard(FailureOfMany())},
			{"still failing", ui.FailureCard(marked(status.StillFailing, "failing for 6 checkouts", "ppppppppppppppffffff"))},
			{"first run", ui.FailureCard(marked(status.FirstRun, "no result on this branch in 30 days", "f"))},
			{"known", ui.FailureCard(marked(status.KnownIssue, "failing for 12 checkouts", "ppppppppkkkkkkkkkkkk"))},
			{"trial", ui.FailureCard(marked(status.Trial, "failed 9 of 20 on this branch", "pffpppfpfpffppfpfppf"))},
			{"it could not run, and hardly anything is known", ui.FailureCard(bare(ui.Mark{Status: status.Error}))},
			{"no line looks like an error", ui.FailureCard(noError())},
			{"no log, and why", ui.FailureCard(without("The log is gone: logs that fail are kept for 90 days."))},
			{"long names, everywhere", ui.FailureCard(spread(LongName))},
			{"markup in every text", ui.FailureCard(spread(Hostile))},
		}},
		{Name: "ReproduceBlock", For: "How to see the same without our machines, step by step.", Wide: true, Examples: []Example{
			{"closed", ui.ReproduceBlock(Reproduce(), false)},
			{"open", ui.ReproduceBlock(Reproduce(), true)},
			{"parts of it are not public", ui.ReproduceBlock(missing, true)},
			{"one step", ui.ReproduceBlock(ui.Reproduce{Steps: Reproduce().Steps[:1]}, true)},
			{"no step is known", ui.ReproduceBlock(ui.Reproduce{}, true)},
			{"markup in every text", ui.ReproduceBlock(ui.Reproduce{Steps: []ui.ReproduceStep{{Title: Hostile, Lines: []string{Hostile, Hostile}}}, Needs: []string{Hostile}, Missing: []string{Hostile}}, true)},
		}},
	}
}
