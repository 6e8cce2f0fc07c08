package story

import (
	"github.com/a-h/templ"

	"drover/views/ui"
)

var policies = []ui.Option{
	{Value: "tip", Text: "The tip", Help: "What a push ends with."},
	{Value: "first-parent", Text: "Each merge", Help: "Every commit on the first-parent line."},
	{Value: "every", Text: "Every commit"},
}

var awkwardOptions = []ui.Option{{Value: "long", Text: LongName, Help: LongName}, {Value: "hostile", Text: Hostile, Help: Hostile}}

// wrong is a form that was not taken: the list on top leads to its fields.
func wrong(errors ui.Errors) templ.Component {
	return templ.Join(ui.ErrorList(errors), ui.Field(ui.Input{Name: "wrong_url", Label: "Git URL", Value: "git://nowhere", Error: errors.Of("wrong_url"), Mono: true}),
		ui.Field(ui.Input{Name: "wrong_name", Label: "Name", Value: "net-next", Error: errors.Of("wrong_name")}))
}

func (s Samples) forms() []Component {
	return []Component{
		{Name: "ErrorList", For: "Stands on top of a form that was not taken; each line leads to its field.", Examples: []Example{
			{"two fields and the whole", wrong(ui.Errors{{Field: "wrong_url", Text: "The remote does not answer: Could not resolve host: nowhere"}, {Field: "wrong_name", Text: "There is a tree net-next already"}, {Text: "The form was sent twice"}})},
			{"one, hostile", wrong(ui.Errors{{Field: "wrong_url", Text: Hostile}})},
			{"nothing is wrong: nothing", ui.ErrorList(nil)},
		}},
		{Name: "Field", For: "A labelled input of one line.", Examples: []Example{
			{"empty", ui.Field(ui.Input{Name: "plain", Label: "Name"})},
			{"with help, optional", ui.Field(ui.Input{Name: "helped", Label: "Name", Value: "net-next", Optional: true, Help: "How the tree is called here and in its address."})},
			{"wrong", ui.Field(ui.Input{Name: "bad", Label: "Timeout", Value: "7x", Error: "7x is not a length of time such as 10m", Help: "Such as 90s, 10m or 1h30m."})},
			{"to be typed exactly, with an example", ui.Field(ui.Input{Name: "mono", Label: "Git URL", Required: true, Mono: true, Placeholder: "https://git.example.org/net-next.git"})},
			{"with suggestions", ui.Field(ui.Input{Name: "zone", Label: "Time zone", Suggest: []string{"UTC", "Europe/Prague"}})},
			{"a number", ui.Field(ui.Input{Name: "number", Label: "Days", Value: "30", Type: "number"})},
			{"long and hostile", ui.Field(ui.Input{Name: "odd", Label: LongName, Value: Hostile, Error: Hostile, Help: LongName})},
		}},
		{Name: "TextArea", For: "A labelled input of several lines.", Examples: []Example{
			{"three lines", ui.TextArea(ui.Input{Name: "branches", Label: "Branches", Value: "main\nlinux-*.y\nfor-6.13/block", Rows: 3, Mono: true, Help: "One name or pattern a line."})},
			{"wrong", ui.TextArea(ui.Input{Name: "recipe", Label: "Own recipe", Error: "An own recipe needs a command", Optional: true})},
			{"long and hostile", ui.TextArea(ui.Input{Name: "oddarea", Label: Hostile, Value: LongName + LongName + "\n</textarea>" + Hostile})},
		}},
		{Name: "Select", For: "A labelled choice of one, where explanations are not needed.", Examples: []Example{
			{"chosen", ui.Select(ui.Input{Name: "policy", Label: "Policy", Value: "every", Help: "Which commits of a push are tested."}, policies)},
			{"wrong", ui.Select(ui.Input{Name: "badpolicy", Label: "Policy", Error: "Choose one"}, policies)},
			{"long and hostile", ui.Select(ui.Input{Name: "oddpolicy", Label: "Policy"}, awkwardOptions)},
			{"nothing to choose", ui.Select(ui.Input{Name: "none", Label: "Policy"}, nil)},
		}},
		{Name: "Radios", For: "A choice of one, each with its explanation in view.", Examples: []Example{
			{"chosen", ui.Radios(ui.Input{Name: "radio", Label: "Which commits are tested", Value: "tip", Help: "Of every push."}, policies)},
			{"wrong, none chosen", ui.Radios(ui.Input{Name: "badradio", Label: "Which commits are tested", Error: "Choose one"}, policies)},
			{"long and hostile", ui.Radios(ui.Input{Name: "oddradio", Label: Hostile, Value: "long"}, awkwardOptions)},
		}},
		{Name: "Checks", For: "A choice of any number.", Examples: []Example{
			{"two chosen", ui.Checks(ui.Input{Name: "check", Label: "Trees", Help: "It runs on every checkout of the chosen trees."}, policies, []string{"tip", "every"})},
			{"wrong, none chosen", ui.Checks(ui.Input{Name: "badcheck", Label: "Trees", Error: "Choose at least one"}, policies, nil)},
			{"long and hostile", ui.Checks(ui.Input{Name: "oddcheck", Label: LongName}, awkwardOptions, []string{"hostile"})},
		}},
		{Name: "Steps", For: "Leads to each page of a form that has several, and says which are done.", Wide: true, Examples: []Example{
			{"in the middle", ui.Steps("Steps", []ui.Step{{Text: "Source", URL: here("forms"), Done: true}, {Text: "People and mail", URL: here("forms"), Bad: true}, {Text: "Builds", URL: here("forms"), Here: true}, {Text: "Review", URL: here("forms")}})},
			{"none can be opened yet", ui.Steps("First steps", []ui.Step{{Text: "Source", Here: true}, {Text: "Review"}})},
			{"long and hostile", ui.Steps("Odd steps", []ui.Step{{Text: LongName, URL: here("forms"), Done: true}, {Text: Hostile, URL: here("forms")}})},
		}},
		{Name: "ActionButton", For: "One thing a person may do: a link, or a form with one button.", Examples: []Example{
			{"a link", ui.ActionButton(ui.Action{Text: "Compare", URL: here("forms")})},
			{"it is done at once", ui.ActionButton(ui.Action{Text: "Look now", URL: tried("forms"), Post: true, Fields: []string{"branch", "for-6.13/block"}})},
			{"it asks before", ui.ActionButton(ui.Action{Text: "Retry failed", URL: tried("forms"), Post: true, Confirm: "Retry 3 failed tests? About 14 minutes on 2 machines."})},
			{"it takes something away, and asks before", ui.ActionButton(ui.Action{Text: "Cancel", URL: tried("forms"), Post: true, Danger: true, Confirm: "Stop everything that still runs?"})},
			{"it cannot be done now, and says why", ui.ActionButton(ui.Action{Text: "Cancel", URL: tried("forms"), Post: true, Danger: true, Why: "it has finished"})},
			{"long and hostile", ui.ActionButton(ui.Action{Text: LongName, URL: tried("forms"), Post: true, Why: Hostile, Confirm: Hostile})},
		}},
		{Name: "Actions", For: "What a person may do here, side by side.", Wide: true, Examples: []Example{
			{"three", ui.Actions([]ui.Action{{Text: "Compare", URL: here("forms")}, {Text: "Retry failed", URL: tried("forms"), Post: true}, {Text: "Cancel", URL: tried("forms"), Post: true, Danger: true, Why: "it has finished"}})},
			{"none: nothing", ui.Actions(nil)},
		}},
	}
}
