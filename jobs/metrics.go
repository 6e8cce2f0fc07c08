package jobs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drover/clients"
)

// Metrics counts the work of this process.
type Metrics struct {
	steps   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	reports prometheus.Histogram
	polls   prometheus.Gauge
	trimmed *prometheus.CounterVec
	runner  prometheus.Gauge
	free    prometheus.Gauge
}

// NewMetrics registers the handles and starts known series at zero.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_steps_total", Help: "Tries of steps by kind and outcome.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "drover_step_duration_seconds", Help: "Duration of one try of a step.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
		}, []string{"kind"}),
		reports: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "drover_commit_to_report_seconds", Help: "From the push of a commit to its first report.",
			Buckets: prometheus.ExponentialBuckets(1, 3, 11),
		}),
		polls: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drover_poll_last_success_timestamp_seconds", Help: "Unix time of the last good answer of a git remote.",
		}),
	}
	m.trimmed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "drover_trimmed_total", Help: "What was removed because its time was over.",
	}, []string{"what"})
	m.runner = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "drover_runner_bytes", Help: "Disk that the local runner takes, as of its last sweep.",
	})
	m.free = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "drover_runner_free_bytes", Help: "Free disk under the local runner, as of its last sweep.",
	})
	r.MustRegister(m.steps, m.seconds, m.reports, m.polls, m.trimmed, m.runner, m.free)
	for _, kind := range Kinds() {
		for _, outcome := range []string{"done", string(clients.Transient), string(clients.NotYet), string(clients.Auth), string(clients.Permanent), string(clients.Unknown)} {
			m.steps.WithLabelValues(kind, outcome)
		}
	}
	return m
}

func (m *Metrics) step(kind string, started time.Time, err error) {
	outcome := "done"
	if err != nil {
		outcome = string(clients.ClassOf(err))
	}
	m.steps.WithLabelValues(kind, outcome).Inc()
	m.seconds.WithLabelValues(kind).Observe(time.Since(started).Seconds())
}

// reported observes the time from a push to its first report.
func (m *Metrics) reported(d time.Duration) { m.reports.Observe(d.Seconds()) }

// polled notes a good answer of a remote.
func (m *Metrics) polled(at time.Time) { m.polls.Set(float64(at.UnixMicro()) / 1e6) }

// trim counts what was removed because its time was over.
func (m *Metrics) trim(what string, number int64) {
	m.trimmed.WithLabelValues(what).Add(float64(number))
}

// swept notes what a sweep of the local runner found.
func (m *Metrics) swept(taken, free int64) {
	m.runner.Set(float64(taken))
	m.free.Set(float64(free))
}
