package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"drover/rules/id"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// peerPage is a page as html/template gets it: all around the rows is given; the
// rows are those that our templates get.
type peerPage struct {
	Before, After template.HTML
	Rows          []page.TestResult
	Marks         map[string]peerMark // by status
}

// peerMark is how a status is shown.
type peerMark struct {
	Family string `json:"family"`
	Look   string `json:"look"`
	Glyph  string `json:"glyph"`
	Word   string `json:"word"`
}

// peerBadge is a mark that leads to its result.
type peerBadge struct {
	peerMark
	URL route.URL
}

// functions are what a page in html/template calls: the same as ours do.
func (p *peerPage) functions(now time.Time) template.FuncMap {
	return template.FuncMap{
		"badge": func(result id.ID, s status.Status) peerBadge {
			return peerBadge{p.Marks[string(s)], route.Result(result)}
		},
		"checkout": route.Checkout,
		"tree":     route.TreeBranch,
		"log": func(result id.ID, name string, line int) route.URL {
			return route.ResultLog(result, name, route.Lines{First: line})
		},
		"count":    ui.Count,
		"short":    func(host string) string { name, _, _ := strings.Cut(host, "."); return name },
		"retries":  func(attempts int) int { return attempts - 1 },
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"absolute": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"ago":      func(t time.Time) string { return howLong(now.Sub(t)) },
	}
}

// howLong is a time that has passed, as pages say it.
func howLong(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// djangoPage is a page as Django gets it: all around the rows is given; in
// them are the values that our templates get.
type djangoPage struct {
	Before template.HTML       `json:"before"`
	After  template.HTML       `json:"after"`
	Now    time.Time           `json:"now"`
	Marks  map[string]peerMark `json:"marks"` // by status
	Rows   []djangoRow         `json:"rows"`
}

type djangoRow struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Checkout string    `json:"checkout"`
	Describe string    `json:"describe"`
	Tree     string    `json:"tree"`
	Branch   string    `json:"branch"`
	Arch     string    `json:"arch"`
	Config   string    `json:"config"`
	Compiler string    `json:"compiler"`
	Host     string    `json:"host"`
	Duration int       `json:"duration"` // s
	Error    string    `json:"error"`
	Log      string    `json:"log"`
	Line     int       `json:"line"`
	Attempts int       `json:"attempts"`
	Started  time.Time `json:"started"`
}

// djangoData gives Django the rows of a page.
func djangoData(p page.TestHistory, peer peerPage) djangoPage {
	data := djangoPage{Before: peer.Before, After: peer.After, Now: p.AsOf, Marks: peer.Marks}
	for _, r := range p.Data {
		data.Rows = append(data.Rows, djangoRow{
			ID: r.ID.String(), Status: string(r.Status), Checkout: r.Checkout.ID.String(), Describe: r.Checkout.Describe, Tree: r.Checkout.Tree, Branch: r.Checkout.Branch,
			Arch: r.Arch, Config: r.Config, Compiler: r.Compiler, Host: r.Host, Duration: int(r.Duration), Error: r.FirstError, Log: r.Log, Line: r.Line,
			Attempts: r.Attempts, Started: r.Started,
		})
	}
	return data
}

// peersData takes a page of ours apart: its rows as values, with how their
// statuses are shown, and the rest as it is.
func peersData(p page.TestHistory, drawn string) (peerPage, error) {
	before, rest, ok := strings.Cut(drawn, "<tbody>")
	_, after, found := strings.Cut(rest, "</tbody>")
	if !ok || !found {
		return peerPage{}, errors.New("the page has no table")
	}
	root, err := html.Parse(strings.NewReader(drawn))
	if err != nil {
		return peerPage{}, err
	}
	data := peerPage{Before: template.HTML(before), After: template.HTML(after), Rows: p.Data, Marks: map[string]peerMark{}} //nolint:gosec // of our own page
	row := 0
	for tr := range root.Descendants() {
		if tr.Data != "tr" || attr(tr, "data-row") == "" {
			continue
		}
		badge := first(tr, "a")
		data.Marks[string(p.Data[row].Status)] = peerMark{
			Family: attr(badge, "data-f"), Look: attr(badge, "data-look"), Glyph: attr(first(badge, "path"), "d"), Word: text(badge),
		}
		row++
	}
	if row != len(p.Data) {
		return peerPage{}, fmt.Errorf("the page has %d rows, want %d", row, len(p.Data))
	}
	return data, nil
}

// first is the first element with a name within another, nil if there is none.
func first(n *html.Node, name string) *html.Node {
	if n != nil {
		for below := range n.Descendants() {
			if below.Type == html.ElementNode && below.Data == name {
				return below
			}
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	if n != nil {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	if n != nil {
		for below := range n.Descendants() {
			if below.Type == html.TextNode {
				b.WriteString(below.Data)
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// samePage is an error unless two pages have the same elements, attributes and
// words; space between elements does not count.
func samePage(peer, ours, theirs string) error {
	a, err := outline(ours)
	if err != nil {
		return err
	}
	b, err := outline(theirs)
	if err != nil {
		return err
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Errorf("%s drew another page: %.200q, not %.200q", peer, b[i], a[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Errorf("%s drew another page: %d elements, not %d", peer, len(b), len(a))
	}
	return nil
}

// outline is a page as a list of elements with their attributes, and of words.
func outline(drawn string) ([]string, error) {
	root, err := html.Parse(strings.NewReader(drawn))
	if err != nil {
		return nil, err
	}
	var list []string
	for n := range root.Descendants() {
		switch words := strings.Join(strings.Fields(n.Data), " "); {
		case n.Type == html.ElementNode:
			list = append(list, fmt.Sprint(n.Data, n.Attr))
		case words != "":
			list = append(list, words)
		}
	}
	return list, nil
}

// django lets Debian's Django draw a page: how long each time took, and what
// it drew.
func (b bench) django(ctx context.Context, data djangoPage) ([]time.Duration, string, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return nil, "", err
	}
	files := map[string][]byte{"data.json": body, "page.html": djangoTemplate, "badge.html": djangoBadge, "peer.py": djangoPeer}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(b.folder, name), content, 0o600); err != nil {
			return nil, "", err
		}
	}
	out, err := exec.CommandContext(ctx, debianPython, filepath.Join(b.folder, "peer.py"), b.folder, strconv.Itoa(renders/5)).Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, "", fmt.Errorf("django: %w", err)
	}
	var answer struct {
		Page  string  `json:"page"`
		Times []int64 `json:"times"` // ns
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, "", fmt.Errorf("django: %w", err)
	}
	times := make([]time.Duration, len(answer.Times))
	for i, t := range answer.Times {
		times[i] = time.Duration(t)
	}
	return times, answer.Page, nil
}
