// Package feed holds the words for what programs are told of: the kinds of
// events and what each says. It decides nothing; models stores events of these
// kinds, server tells of them, and the help explains them.
package feed

import "slices"

// Kind is a kind of event: what it is about, and what became of it.
type Kind string

// The kinds.
const (
	CheckoutPlanned Kind = "checkout.planned"
	CheckoutJudged  Kind = "checkout.judged"
	BuildEnded      Kind = "build.ended"
	FailureNew      Kind = "failure.new"
	ReportSent      Kind = "report.sent"
	TreeChanged     Kind = "tree.changed"
	TestChanged     Kind = "test.changed"
)

// Line is what a kind says.
type Line struct {
	Kind   Kind
	Object string // what the event names: checkout, build, result, tree or test
	Text   string // when it happens, for people
	Detail string // what its detail is; "" if it has none
}

// Table is every kind of event.
var Table = []Line{
	{CheckoutPlanned, "checkout", "a checkout was planned: its builds and tests are known", "why nothing is tested, if so"},
	{CheckoutJudged, "checkout", "a checkout has another verdict, or is finished", "the verdict"},
	{BuildEnded, "build", "a build ended and is not tried again", "its status"},
	{FailureNew, "result", "a result was found to be a new failure", "its status"},
	{ReportSent, "checkout", "a report about a checkout was sent", "how"},
	{TreeChanged, "tree", "a tree was added, or its settings, state or owners changed", ""},
	{TestChanged, "test", "a test was added, or its definition or state changed", ""},
}

// Known tells whether there is a kind of that name.
func Known(name string) bool {
	return slices.ContainsFunc(Table, func(l Line) bool { return string(l.Kind) == name })
}

// Object is what events of a kind name, "" of an unknown kind.
func (k Kind) Object() string {
	for _, l := range Table {
		if l.Kind == k {
			return l.Object
		}
	}
	return ""
}
