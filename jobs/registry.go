package jobs

import (
	"context"
	"time"

	"drover/models"
)

// Names of steps, "subject.verb". The object's kind is the subject.
const (
	RemotePoll     = "remote.poll"
	EventRead      = "event.read"
	CheckoutPlan   = "checkout.plan"
	JobSubmit      = "job.submit"
	JobLook        = "job.look"
	ResultCollect  = "result.collect"
	BuildRelease   = "build.release"
	CheckoutJudge  = "checkout.judge"
	DeliverySend   = "delivery.send"
	SampleGrow     = "sample.grow"
	StorageTrim    = "storage.trim"
	LogTrim        = "log.trim"
	RunnerSweep    = "runner.sweep"
	MirrorTidy     = "mirror.tidy"
	ChangeTrim     = "change.trim"
	LookupAnswer   = "lookup.answer"
	WebhookSend    = models.WebhookSend
	timetableOwner = 0 // object of steps that belong to the whole installation
)

// Kind is one kind of step.
type Kind struct {
	Name    string
	Timeout time.Duration // the context of Handle ends then
	Handle  func(context.Context, *Run) error
	// Parked is called before a step is parked. If it settles the step, what
	// failed has another, visible outcome and nobody needs to look.
	Parked func(ctx context.Context, run *Run, reason string) error
}

// kinds is every kind of step there is.
func kinds(w *Worker) []Kind {
	return []Kind{
		{Name: RemotePoll, Timeout: 2 * time.Minute, Handle: w.pollRemote},
		{Name: EventRead, Timeout: 3 * time.Hour, Handle: w.readEvent, Parked: w.refuseEvent},
		{Name: CheckoutPlan, Timeout: 10 * time.Minute, Handle: w.planCheckout, Parked: w.refusePlan},
		{Name: JobSubmit, Timeout: 2 * time.Minute, Handle: w.submitJob, Parked: w.refuseJob},
		{Name: JobLook, Timeout: time.Minute, Handle: w.lookAtJob},
		{Name: ResultCollect, Timeout: 15 * time.Minute, Handle: w.collectResult},
		{Name: BuildRelease, Timeout: 10 * time.Minute, Handle: w.releaseBuild},
		{Name: CheckoutJudge, Timeout: 2 * time.Minute, Handle: w.judgeCheckout},
		{Name: DeliverySend, Timeout: 5 * time.Minute, Handle: w.sendDelivery},
		{Name: SampleGrow, Timeout: time.Minute, Handle: w.growSample},
		{Name: StorageTrim, Timeout: 10 * time.Minute, Handle: w.trimStorage},
		{Name: LogTrim, Timeout: 10 * time.Minute, Handle: w.trimLogs},
		{Name: RunnerSweep, Timeout: time.Hour, Handle: w.sweepRunner},
		{Name: MirrorTidy, Timeout: 3 * time.Hour, Handle: w.tidyMirror},
		{Name: ChangeTrim, Timeout: time.Minute, Handle: w.trimChanges},
		{Name: LookupAnswer, Timeout: 3 * time.Minute, Handle: w.answerLookup, Parked: w.refuseLookup},
		{Name: WebhookSend, Timeout: 2 * time.Minute, Handle: w.sendWebhook},
	}
}

func registry(w *Worker) map[string]Kind {
	byName := map[string]Kind{}
	for _, kind := range kinds(w) {
		byName[kind.Name] = kind
	}
	return byName
}

// Kinds lists the names of all steps.
func Kinds() []string {
	var names []string
	for _, kind := range kinds(nil) {
		names = append(names, kind.Name)
	}
	return names
}
