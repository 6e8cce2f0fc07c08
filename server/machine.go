package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"drover/models"
)

// readyTime is how long a part may take to answer.
const readyTime = 3 * time.Second

// alive says that the process answers.
func alive(v *visit) error {
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	return v.echo.String(http.StatusOK, "ok\n")
}

// ready says whether the process can work: each part by name, with its error.
func ready(v *visit) error {
	ctx, cancel := context.WithTimeout(v.context(), readyTime)
	defer cancel()
	status := http.StatusOK
	var answer strings.Builder
	part := func(name string, err error) {
		if err == nil {
			fmt.Fprintf(&answer, "%s: ok\n", name)
			return
		}
		status = http.StatusServiceUnavailable
		fmt.Fprintf(&answer, "%s: %s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	part("database", errors.Join(v.Store.Ping(ctx), v.Store.Full()))
	if v.Queue != nil {
		part("queue", v.Queue.Ping(ctx))
	}
	if v.Free != nil {
		part("disk", v.roomProblem())
	}
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	return v.echo.String(status, answer.String())
}

// metrics are for Prometheus.
func metrics(v *visit) error {
	promhttp.HandlerFor(v.Metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(v.echo.Response(), v.request)
	return nil
}

// requestMetrics counts requests by route and class of status.
type requestMetrics struct {
	total   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

// register puts the metrics of this room into the registry. A registry that has
// them already keeps them, so that one process may make two handlers.
func (s *site) register() *requestMetrics {
	m := &requestMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_http_requests_total", Help: "Requests by route and class of status.",
		}, []string{"route", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "drover_http_request_duration_seconds", Help: "Time to answer a request.",
			Buckets: []float64{0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10},
		}, []string{"route"}),
	}
	for _, c := range []prometheus.Collector{m.total, m.seconds, queueCollector{s.Store}} {
		if err := s.Metrics.Register(c); err != nil {
			s.Log.Warn("metrics are not registered", "error", err.Error())
		}
	}
	return m
}

func (m *requestMetrics) observe(pattern string, status int, took time.Duration) {
	if pattern == "" {
		pattern = "none"
	}
	m.total.WithLabelValues(pattern, strconv.Itoa(status/100)+"xx").Inc()
	if pattern == streams {
		return // how long a page was open says nothing of this server
	}
	m.seconds.WithLabelValues(pattern).Observe(took.Seconds())
}

// queueCollector reads what is to be done from the database, when asked.
type queueCollector struct{ store *models.Store }

var (
	stepsDue    = prometheus.NewDesc("drover_steps_due", "Steps that are due and not yet done.", []string{"kind"}, nil)
	stepsParked = prometheus.NewDesc("drover_steps_parked", "Steps that wait for a person.", []string{"kind"}, nil)
	stepsOldest = prometheus.NewDesc("drover_step_oldest_seconds", "How long the oldest due step waits.", []string{"kind"}, nil)
	jobsByState = prometheus.NewDesc("drover_jobs", "Unfinished jobs by state.", []string{"state"}, nil)
)

// Describe lists the metrics.
func (queueCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{stepsDue, stepsParked, stepsOldest, jobsByState} {
		to <- d
	}
}

// Collect reads them. A database that does not answer makes them invalid, and
// the others stay.
func (q queueCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTime)
	defer cancel()
	query := q.store.With(ctx)
	steps, err := query.StepCounts()
	if err != nil {
		to <- prometheus.NewInvalidMetric(stepsDue, err)
		return
	}
	for _, s := range steps {
		oldest := 0.0
		if s.Oldest != nil {
			oldest = query.Clock().Sub(*s.Oldest).Seconds()
		}
		to <- prometheus.MustNewConstMetric(stepsDue, prometheus.GaugeValue, float64(s.Due), s.Kind)
		to <- prometheus.MustNewConstMetric(stepsParked, prometheus.GaugeValue, float64(s.Parked), s.Kind)
		to <- prometheus.MustNewConstMetric(stepsOldest, prometheus.GaugeValue, oldest, s.Kind)
	}
	list, err := query.JobCounts()
	if err != nil {
		to <- prometheus.NewInvalidMetric(jobsByState, err)
		return
	}
	for _, j := range list {
		to <- prometheus.MustNewConstMetric(jobsByState, prometheus.GaugeValue, float64(j.Jobs), j.State)
	}
}
