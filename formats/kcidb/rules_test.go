package kcidb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The rules of the schema, written by hand, so that every run of the tests
// checks them. schema_test.go compares them with the published schema.

type rule func(value any) string

var (
	originPattern = regexp.MustCompile(`^[a-z0-9_]+$`)
	idPattern     = regexp.MustCompile(`^[a-z0-9_]+:[^\x00]*$`)
	pathPattern   = regexp.MustCompile(`^([a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)?$`)
	uriPattern    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._~!$&'()*+,;=:@%\[\]-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$`)
)

func matches(pattern *regexp.Regexp) rule {
	return func(v any) string {
		s, ok := v.(string)
		if !ok || !pattern.MatchString(s) {
			return fmt.Sprintf("%q does not match %s", v, pattern)
		}
		return ""
	}
}

func isText(v any) string {
	s, ok := v.(string)
	if !ok || strings.Contains(s, "\x00") {
		return fmt.Sprintf("%q is no text", v)
	}
	return ""
}

func isBool(v any) string {
	if _, ok := v.(bool); !ok {
		return fmt.Sprintf("%v is no boolean", v)
	}
	return ""
}

func isNumber(v any) string {
	if _, ok := v.(json.Number); !ok {
		return fmt.Sprintf("%v is no number", v)
	}
	return ""
}

func isCount(v any) string {
	n, ok := v.(json.Number)
	if i, err := n.Int64(); !ok || err != nil || i < 0 {
		return fmt.Sprintf("%v is no count", v)
	}
	return ""
}

func isTime(v any) string {
	s, _ := v.(string)
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return err.Error()
	}
	return ""
}

func isURI(v any) string {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || u.User != nil || !uriPattern.MatchString(s) {
		return fmt.Sprintf("%q is no address to publish", s)
	}
	return ""
}

func isExcerpt(v any) string {
	if problem := isText(v); problem != "" {
		return problem
	}
	if n := utf8.RuneCountInString(v.(string)); n > 16384 {
		return fmt.Sprintf("%d characters", n)
	}
	return ""
}

func isEmail(v any) string {
	s, _ := v.(string)
	if strings.Count(s, "@") != 1 || strings.ContainsAny(s, "<> ") {
		return fmt.Sprintf("%q is no Message-ID", s)
	}
	return ""
}

func isStatus(v any) string {
	if !slices.Contains([]any{"FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"}, v) {
		return fmt.Sprintf("%q is no status", v)
	}
	return ""
}

// isMisc allows any object, but no null and no NUL: the writer promises that.
func isMisc(v any) string {
	if _, ok := v.(map[string]any); !ok {
		return fmt.Sprintf("%v is no object", v)
	}
	return ""
}

func listOf(item rule) rule {
	return func(v any) string {
		list, ok := v.([]any)
		if !ok {
			return fmt.Sprintf("%v is no list", v)
		}
		for _, entry := range list {
			if problem := item(entry); problem != "" {
				return problem
			}
		}
		return ""
	}
}

// object checks the fields of an object; a name that ends in * is required.
func object(fields map[string]rule) rule {
	known := map[string]rule{}
	for name, check := range fields {
		known[strings.TrimSuffix(name, "*")] = check
	}
	return func(v any) string {
		o, ok := v.(map[string]any)
		if !ok {
			return fmt.Sprintf("%v is no object", v)
		}
		for name := range fields {
			if plainName, required := strings.CutSuffix(name, "*"); required && o[plainName] == nil {
				return plainName + " is missing"
			}
		}
		for name, value := range o {
			check, ok := known[name]
			if !ok {
				return name + " is unknown"
			}
			if problem := check(value); problem != "" {
				return name + ": " + problem
			}
		}
		return ""
	}
}

var resources = listOf(object(map[string]rule{"name*": matches(regexp.MustCompile(`^[^/\x00]+$`)), "url*": isURI}))

// objectRules has every field of version 5.3 that a submitter may send.
var objectRules = map[string]rule{
	"checkouts": object(map[string]rule{
		"id*": matches(idPattern), "origin*": matches(originPattern), "tree_name": isText,
		"git_repository_url": func(v any) string {
			if s, _ := v.(string); !strings.HasPrefix(s, "https://") {
				return "not https"
			}
			return isURI(v)
		},
		"git_commit_hash": matches(regexp.MustCompile(`^[0-9a-f]{40}$`)), "git_commit_name": isText,
		"git_commit_tags": listOf(isText), "git_commit_message": isText, "git_repository_branch": isText,
		"git_repository_branch_tip": isBool, "patchset_files": resources,
		"patchset_hash": matches(regexp.MustCompile(`^$|^[0-9a-f]{64}$`)), "message_id": isEmail, "comment": isText,
		"start_time": isTime, "origin_builds_finish_time": isTime, "origin_tests_finish_time": isTime,
		"log_url": isURI, "log_excerpt": isExcerpt, "valid": isBool, "misc": isMisc,
	}),
	"builds": object(map[string]rule{
		"id*": matches(idPattern), "origin*": matches(originPattern), "checkout_id*": matches(idPattern),
		"comment": isText, "start_time": isTime, "duration": isNumber,
		"architecture": matches(regexp.MustCompile(`^[a-z0-9_]*$`)), "command": isText, "compiler": isText,
		"input_files": resources, "output_files": resources, "config_name": isText, "config_url": isURI,
		"log_url": isURI, "log_excerpt": isExcerpt, "status": isStatus, "misc": isMisc,
	}),
	"tests": object(map[string]rule{
		"id*": matches(idPattern), "origin*": matches(originPattern), "build_id*": matches(idPattern),
		"environment": object(map[string]rule{
			"compatible": listOf(matches(regexp.MustCompile(`^[^ \x00]+(,[^ \x00]+)*$`))), "comment": isText, "misc": isMisc,
		}),
		"path": matches(pathPattern), "comment": isText, "log_url": isURI, "log_excerpt": isExcerpt, "status": isStatus,
		"number": object(map[string]rule{
			"value*": isNumber, "unit": isText, "prefix": matches(regexp.MustCompile(`^(metric|binary)$`)),
		}),
		"start_time": isTime, "duration": isNumber, "input_files": resources, "output_files": resources, "misc": isMisc,
	}),
	"issues": object(map[string]rule{
		"id*": matches(idPattern), "origin*": matches(originPattern), "version*": isCount,
		"categories": listOf(matches(pathPattern)), "report_url": isURI, "report_subject": isText,
		"culprit": object(map[string]rule{"code": isBool, "tool": isBool, "harness": isBool}),
		"comment": isText, "misc": isMisc,
	}),
	"incidents": object(map[string]rule{
		"id*": matches(idPattern), "origin*": matches(originPattern), "issue_id*": matches(idPattern),
		"issue_version*": isCount, "build_id": matches(idPattern), "test_id": matches(idPattern),
		"present": isBool, "comment": isText, "misc": isMisc,
	}),
}

// breaches checks a written document by hand and says what is wrong with it.
func breaches(data []byte) []string {
	var found []string
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return []string{err.Error()}
	}
	if bytes.Contains(data, []byte(`\u0000`)) && strings.Contains(fmt.Sprint(document), "\x00") {
		found = append(found, "NUL character")
	}
	if hasNull(document) {
		found = append(found, "null")
	}
	if problem := object(map[string]rule{"major*": isCount, "minor": isCount})(document["version"]); problem != "" {
		found = append(found, "version: "+problem)
	}
	for name, value := range document {
		check, ok := objectRules[name]
		if !ok {
			if name != "version" {
				found = append(found, name+" is unknown")
			}
			continue
		}
		if problem := listOf(check)(value); problem != "" {
			found = append(found, name+": "+problem)
		}
		found = append(found, foreign(value)...)
	}
	return found
}

// foreign lists objects whose id does not begin with their origin.
func foreign(list any) []string {
	var found []string
	objects, _ := list.([]any)
	for _, entry := range objects {
		o, _ := entry.(map[string]any)
		id, _ := o["id"].(string)
		origin, _ := o["origin"].(string)
		if !strings.HasPrefix(id, origin+":") || id == origin+":" {
			found = append(found, fmt.Sprintf("id %q of origin %q", id, origin))
		}
	}
	return found
}

func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, hasNull)
	case map[string]any:
		for _, item := range v {
			if hasNull(item) {
				return true
			}
		}
	}
	return false
}

// TestBreaches proves that the hand-written rules refuse what they should.
func TestBreaches(t *testing.T) {
	for _, bad := range badDocuments {
		t.Run(bad.name, func(t *testing.T) {
			if found := breaches([]byte(bad.json)); len(found) == 0 {
				t.Errorf("accepted: %s", bad.json)
			}
		})
	}
	good := `{"version":{"major":5,"minor":3},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","path":"a.b","misc":{"x":[1]}}]}`
	if found := breaches([]byte(good)); len(found) > 0 {
		t.Errorf("refused %s: %v", good, found)
	}
}

// badDocuments are each refused by the schema, for one reason.
var badDocuments = []struct{ name, json string }{
	{"no version", `{"tests":[]}`},
	{"unknown collection", `{"version":{"major":5},"issue":[]}`},
	{"unknown field", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","waived":true}]}`},
	{"no build", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o"}]}`},
	{"id without origin", `{"version":{"major":5},"checkouts":[{"id":"1","origin":"o"}]}`},
	{"upper case origin", `{"version":{"major":5},"checkouts":[{"id":"O:1","origin":"O"}]}`},
	{"null", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","comment":null}]}`},
	{"NUL", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","comment":"a\u0000"}]}`},
	{"git protocol", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","git_repository_url":"git://example.org/a"}]}`},
	{"short hash", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","git_commit_hash":"abc"}]}`},
	{"time without zone", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","start_time":"2026-03-02T10:11:12"}]}`},
	{"relative address", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","log_url":"/log"}]}`},
	{"small status", `{"version":{"major":5},"builds":[{"id":"o:1","origin":"o","checkout_id":"o:c","status":"pass"}]}`},
	{"architecture", `{"version":{"major":5},"builds":[{"id":"o:1","origin":"o","checkout_id":"o:c","architecture":"x86-64"}]}`},
	{"path with a slash", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","path":"a/b"}]}`},
	{"path with an empty part", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","path":"a..b"}]}`},
	{"file with a folder", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","output_files":[{"name":"a/b","url":"https://example.org/"}]}]}`},
	{"file without address", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","output_files":[{"name":"a"}]}]}`},
	{"long excerpt", `{"version":{"major":5},"checkouts":[{"id":"o:1","origin":"o","log_excerpt":"` + strings.Repeat("ä", 16385) + `"}]}`},
	{"number without value", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","number":{"unit":"s"}}]}`},
	{"prefix", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","number":{"value":1,"prefix":"kilo"}}]}`},
	{"issue without version", `{"version":{"major":5},"issues":[{"id":"o:1","origin":"o"}]}`},
	{"negative version", `{"version":{"major":5},"issues":[{"id":"o:1","origin":"o","version":-1}]}`},
	{"incident without issue", `{"version":{"major":5},"incidents":[{"id":"o:1","origin":"o","issue_version":1}]}`},
	{"compatible with a space", `{"version":{"major":5},"tests":[{"id":"o:1","origin":"o","build_id":"o:b","environment":{"compatible":["a b"]}}]}`},
}
