package server

import (
	"fmt"
	"hash/maphash"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// pace bounds how many requests one token, or one address without a token, may
// make. It is far above what a person does: it is there for the program that
// has lost its way.
type pace struct {
	perSecond int
	tokens    buckets
	addresses buckets
}

// paceSaved is how many seconds' worth of requests may be made at once.
const paceSaved = 60

// newPace is nil, which lets everything through, if no rate is set.
func newPace(perSecond int) *pace {
	if perSecond <= 0 {
		return nil
	}
	limiter := func() *rate.Limiter { return rate.NewLimiter(rate.Limit(perSecond), perSecond*paceSaved) }
	return &pace{perSecond: perSecond, tokens: newBuckets(limiter), addresses: newBuckets(limiter)}
}

// buckets are limiters for any number of keys in bounded memory: now and then
// two keys share one.
type buckets struct {
	seed maphash.Seed
	list *[1 << 10]*rate.Limiter
}

func newBuckets(limiter func() *rate.Limiter) buckets {
	b := buckets{seed: maphash.MakeSeed(), list: new([1 << 10]*rate.Limiter)}
	for i := range b.list {
		b.list[i] = limiter()
	}
	return b
}

func (b buckets) of(key string) *rate.Limiter {
	return b.list[maphash.String(b.seed, key)%uint64(len(b.list))]
}

// network is what an address counts as: those of one IPv6 network are one.
func network(client string) string {
	if addr, err := netip.ParseAddr(client); err == nil && addr.Unmap().Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return client
}

// paced counts a request, and refuses it when there were too many. A token that
// is not good counts as the address that shows it.
func (v *visit) paced() error {
	p := v.site.pace
	if p == nil || unasked(v.row.pattern) {
		return nil
	}
	limiter := p.addresses.of(network(v.echo.RealIP()))
	if v.by.token != 0 {
		limiter = p.tokens.of(v.by.token.String())
	}
	allowed := limiter.AllowN(v.now, 1)
	left := limiter.TokensAt(v.now)
	wait := int(math.Ceil(max(0, 1-left) / float64(p.perSecond)))
	header := v.echo.Response().Header()
	header.Set("RateLimit-Policy", fmt.Sprintf(`"requests";q=%d;w=%d`, p.perSecond*paceSaved, paceSaved))
	header.Set("RateLimit", fmt.Sprintf(`"requests";r=%d;t=%d`, int(max(0, left)), wait))
	if allowed {
		return nil
	}
	header.Set("Retry-After", strconv.Itoa(max(1, wait)))
	return failure{status: http.StatusTooManyRequests, title: "Too many requests",
		text: fmt.Sprintf("One token, and one address without a token, may make %d requests a second over %s. Wait as long as Retry-After says.", p.perSecond, paceSaved*time.Second)}
}
