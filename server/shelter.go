package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"drover/views/route"
)

// shelter bounds the work that deep requests of people who are not signed in
// take together, and for one address, so that programs that follow every
// filter do not slow down the others. What a link in a mail opens is not deep.
//
// What a request costs is known when it is over: it is admitted while nothing
// is owed, and its time is owed afterwards. One runs at a time.
type shelter struct {
	all     *rate.Limiter // tokens are milliseconds of work
	one     buckets       // by address
	running chan struct{}
}

const (
	// saved is how much work may be done at once after a quiet time.
	saved = time.Minute
	// turn is how long a deep request waits for the one before it.
	turn = 2 * time.Second
)

// newShelter allows deep requests some work in each second; half of it for one
// address. It is nil, which admits everything, if that is 0.
func newShelter(work time.Duration) *shelter {
	if work <= 0 {
		return nil
	}
	limiter := func(work time.Duration) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(milliseconds(work)), int(milliseconds(work)*saved.Seconds()))
	}
	one := newBuckets(func() *rate.Limiter { return limiter(work / 2) })
	return &shelter{all: limiter(work), one: one, running: make(chan struct{}, 1)}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// admit waits for the turn of a client's request. done is called when its work
// is over, and may be called again; it is nil if the request is not admitted now.
func (s *shelter) admit(ctx context.Context, client string) (done func()) {
	if s == nil {
		return func() {}
	}
	own := s.one.of(network(client))
	free := func() bool { return own.AllowN(time.Now(), 0) && s.all.AllowN(time.Now(), 0) }
	if !free() {
		return nil
	}
	waited := time.NewTimer(turn)
	defer waited.Stop()
	select {
	case s.running <- struct{}{}:
	case <-waited.C:
		return nil
	case <-ctx.Done():
		return nil
	}
	if !free() {
		<-s.running
		return nil
	}
	began := time.Now()
	return sync.OnceFunc(func() {
		<-s.running
		for _, l := range []*rate.Limiter{own, s.all} {
			// More than all that can be saved cannot be owed.
			l.ReserveN(time.Now(), min(int(time.Since(began).Milliseconds())+1, l.Burst()))
		}
	})
}

// deep tells whether a request makes work that has no end: there are as many
// filters, orders and pages of a list, and words to look for, as anybody wants.
func (v *visit) deep() bool {
	if v.signedIn || v.row.method != http.MethodGet || len(v.query) == 0 {
		return false
	}
	return strings.Contains(v.row.formats, "csv") || v.row.pattern == "/search" ||
		strings.Contains(v.row.pattern, "/-/logs/") && v.query.Has("q")
}

// sheltered answers a deep request when it is its turn.
func (v *visit) sheltered(answer func() error) error {
	if !v.deep() {
		return answer()
	}
	done := v.site.shelter.admit(v.context(), v.echo.RealIP())
	if done == nil {
		v.echo.Response().Header().Set("Retry-After", "10")
		text := "Filters, searches and further pages of lists have a bound for everybody who is not signed in, and it is reached. " +
			"Pages of checkouts, builds and results open as always. Try again in ten seconds"
		f := failure{status: http.StatusTooManyRequests, title: "Too many requests", text: text + "."}
		if v.canSignIn() {
			f.text, f.next = text+", or sign in.", link("Sign in", route.SignIn(local(v.request.URL.RequestURI())))
		}
		return f
	}
	defer done()
	v.worked = done
	return answer()
}
