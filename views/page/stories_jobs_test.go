package page

import (
	"time"

	"drover/views/route"
	"drover/views/ui"
)

// jobStories are the pages of jobs and of steps.
func jobStories() []story {
	list := frame("Jobs", route.Jobs())
	list.Active, list.Formats = "jobs", []string{"json", "csv"}
	rows := []JobRow{
		{ID: nth(81), State: "running", Kind: "build", Build: nth(5), Where: "aarch64 / debug / gcc-14", Checkout: head, Attempt: 1, Host: "builder-01.lab.example.org",
			Created: before(20 * time.Minute), Waited: 90, Duration: 1100},
		{ID: nth(82), State: "infra error", Kind: "test", What: "kselftest/net/fib_tests.sh", Build: nth(6), Where: "x86_64 / defconfig / gcc-14", Checkout: base, Attempt: 2,
			Host: "lab-1", Reason: "the machine did not come back after the installation", Created: before(2 * time.Hour), Waited: 30, Duration: 600},
		{ID: nth(83), State: "waiting", Kind: "test", What: "ltp/mm", Build: nth(6), Where: "s390x / debug / clang-18", Checkout: base, Attempt: 1, Created: before(time.Minute), Waited: 60},
	}
	one := frame("Job "+nth(82).String(), route.Job(nth(82)), ui.Crumb{Text: "Jobs", URL: route.Jobs()}, ui.Crumb{Text: nth(82).String()})
	one.Active, one.Formats = "jobs", []string{"json"}
	ended := JobData{
		JobRow: rows[1], Marker: "test-22a41wrp", Runner: "local", Isolation: "bubblewrap", Exit: -1, Log: "console.log", Result: nth(9),
		Times:     []JobTime{{What: "Planned", When: before(2 * time.Hour)}, {What: "Started", When: before(119 * time.Minute), Took: 60}, {What: "Ended", When: before(109 * time.Minute), Took: 600}},
		Decisions: []Decision{{When: before(108 * time.Minute), Rule: "infra", Action: "retry", Why: "its end says nothing about the kernel", Line: "Connection reset by peer", After: 60}},
	}
	steps := frame("Steps to be done", route.Queues())
	steps.Active = "jobs"
	kind := frame("delivery.send", route.Queue("delivery.send"))
	kind.Active, kind.Formats = "jobs", []string{"json", "csv"}
	return []story{
		{"jobs", Jobs{Frame: list, Data: rows, ListParts: ListParts{Pager: ui.Pager{Shown: 3, Total: 3, Exact: true}}}},
		{"jobs-empty", Jobs{Frame: list}},
		{"job", Job{Frame: one, Data: ended}},
		{"job-waiting", Job{Frame: one, Data: JobData{JobRow: rows[2], Marker: "test-22a41wrq"}}},
		{"queues", Queues{Frame: steps, Data: []QueueRow{{Step: "delivery.send", Parked: 3, Trying: 1, Due: 2, Active: 1, Later: 4, Oldest: 75, Workers: 1}, {Step: "remote.poll", Later: 4}}}},
		{"queues-away", Queues{Frame: steps, Problem: "The queue does not answer. Work goes on, more slowly: the database says what is due."}},
		{"queue", Queue{Frame: kind, Step: "delivery.send", Errors: []StepError{{Error: "550 no such user", Steps: 3, Example: nth(71)}}, Data: []StepRow{
			{Object: nth(71), About: nth(71).String(), State: "parked", Tries: 5, Due: before(time.Hour), Since: before(3 * time.Hour), Worker: "lab-1/7", Error: "550 no such user", Problem: "permanent"},
			{Object: nth(72), About: nth(72).String(), State: "later", Due: before(-time.Hour), Since: before(time.Minute)},
		}, ListParts: ListParts{Pager: ui.Pager{Shown: 2, Total: 2, Exact: true}}}},
		{"queue-read-only", Queue{Frame: kind, Step: "delivery.send", Replay: "sign in first", Errors: []StepError{{Error: "550 no such user", Steps: 3, Example: nth(71)}}}},
	}
}
