package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi/datamodel"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"drover/rules/permission"
	"drover/views/route"
)

// apiDocument is the description of the API as it is served.
func (w *world) apiDocument() map[string]any {
	w.t.Helper()
	return decode(w.t, w.get("/api/openapi.json", 200))
}

// strict closes every object that has a list of its fields: an answer with a field
// that nobody describes is then wrong.
func strict(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, described := value["properties"].(map[string]any); described && value["type"] == "object" {
			value["additionalProperties"] = false
		}
		for _, inner := range value {
			strict(inner)
		}
	case []any:
		for _, inner := range value {
			strict(inner)
		}
	}
}

func compileSchema(t *testing.T, name string, document any, at string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name + at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAPIDocument holds against the schema of OpenAPI 3.1, names each operation
// once, and refers to nothing that is not there.
func TestAPIDocument(t *testing.T) {
	w := quick(t)
	meta, err := jsonschema.UnmarshalJSON(strings.NewReader(datamodel.OpenAPI31SchemaData))
	if err != nil {
		t.Fatal(err)
	}
	text := w.get("/api/openapi.json", 200)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compileSchema(t, "https://spec.openapis.org/oas/3.1/schema/2022-10-07", meta, "").Validate(value); err != nil {
		t.Errorf("%#v", err)
	}
	names := map[string]bool{}
	document := w.apiDocument()
	for _, m := range regexp.MustCompile(`"\$ref":"#/components/(\w+)/([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if document["components"].(map[string]any)[m[1]].(map[string]any)[m[2]] == nil {
			t.Errorf("there is no %s %s", m[1], m[2])
		}
	}
	for path, item := range document["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			operation := o.(map[string]any)
			name := operation["operationId"].(string)
			if names[name] || operation["summary"] == "" {
				t.Errorf("%s %s: %q is taken, or says nothing", method, path, name)
			}
			names[name] = true
			for _, p := range operation["parameters"].([]any) {
				if p := p.(map[string]any); p["$ref"] == nil && p["description"] == nil || p["description"] == "" {
					t.Errorf("%s %s: nothing is said of %v", method, path, p["name"])
				}
			}
		}
	}
	if page := w.get("/api", 200); !strings.Contains(page, "Test a revision") || !strings.Contains(page, `href="/api/openapi.json"`) {
		t.Error("the page for people says less")
	}
}

// TestAPIAnswersAreDescribed reads everything that programs can read, and holds it
// against the description, in which nothing may be missing; each list has the
// filters that it is said to have.
func TestAPIAnswersAreDescribed(t *testing.T) {
	w := quick(t)
	w.allHappens()
	admin := map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json"}
	document := w.apiDocument()
	strict(document)
	has := regexp.MustCompile(`It has (.*?)\.`)
	paths := document["paths"].(map[string]any)
	schema := func(path, method, status string) *jsonschema.Schema {
		escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
		return compileSchema(t, "https://ci.example.org/api/openapi.json", document,
			"#/paths/"+escape.Replace(path)+"/"+method+"/responses/"+status+"/content/application~1json/schema")
	}
	for _, s := range route.Shapes {
		if s.Method != http.MethodGet || !slices.Contains(strings.Fields(s.Formats), "json") || s.Pattern == "/api/openapi" {
			continue
		}
		path := strings.ReplaceAll(s.Pattern, "...}", "}")
		item, known := paths[path].(map[string]any)
		if !known {
			t.Errorf("%s is not described", path)
			continue
		}
		concrete := w.concrete(s)[0]
		if strings.Contains(s.Pattern, "/admin/users/{id}") {
			w.as("ola")
			concrete = "/admin/users/" + w.userCalled("Ola").ID.String()
		}
		query := ""
		switch s.Pattern {
		case "/api/events":
			query = "?after=0"
		case "/search":
			query = "?q=net"
		case "/jobs":
			query = "?include=ended"
		}
		r := w.do(request{path: concrete + query, header: admin})
		body := text(t, r)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil || r.StatusCode != 200 {
			t.Errorf("%s: %d %v %.300s", concrete, r.StatusCode, err, body)
			continue
		}
		if err := schema(path, "get", "200").Validate(value); err != nil {
			t.Errorf("%s: %v", concrete, err)
		}
		var said []string
		for _, p := range item["get"].(map[string]any)["parameters"].([]any) {
			p := p.(map[string]any)
			if ref, isRef := p["$ref"].(string); isRef {
				said = append(said, ref[strings.LastIndex(ref, "/")+1:])
			} else if p["in"] == "query" {
				said = append(said, p["name"].(string))
			}
		}
		r = w.do(request{path: concrete + "?zzz=1", header: admin})
		detail, _ := decode(t, text(t, r))["detail"].(string)
		var real []string
		if m := has.FindStringSubmatch(detail); r.StatusCode == 400 && m != nil {
			real = strings.Split(m[1], ", ")
		}
		slices.Sort(said)
		slices.Sort(real)
		if decode(t, body)["page"] == nil { // it is no list, so it has no pages and no order
			real = slices.DeleteFunc(real, func(name string) bool { return slices.Contains([]string{"after", "before", "limit", "sort"}, name) })
		}
		if !slices.Equal(said, real) && s.Pattern != "/search" {
			t.Errorf("%s has the filters %q, and is said to have %q", path, real, said)
		}
	}
	r := w.do(request{path: "/trees/nope.json"})
	value, err := jsonschema.UnmarshalJSON(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := compileSchema(t, "https://ci.example.org/api/openapi.json", document, "#/components/schemas/Problem").Validate(value); err != nil {
		t.Error(err)
	}
}

// TestAPIChangesAreDescribed: every change that some scope allows, and no other.
func TestAPIChangesAreDescribed(t *testing.T) {
	w := quick(t)
	paths := w.apiDocument()["paths"].(map[string]any)
	described := map[string]bool{}
	for path, item := range paths {
		if o, known := item.(map[string]any)["post"].(map[string]any); known {
			described[path] = true
			scopes := o["security"].([]any)[0].(map[string]any)["token"].([]any)
			if len(scopes) == 0 {
				t.Errorf("%s: no scope allows it", path)
			}
			for _, s := range scopes {
				if _, known := permission.ScopeNamed(s.(string)); !known {
					t.Errorf("%s: there is no scope %v", path, s)
				}
			}
		}
	}
	for _, who := range everyone {
		w.as(who)
	}
	for _, c := range w.changes() {
		shape, _ := route.Find(http.MethodPost, route.URL(c.path))
		path := strings.ReplaceAll(shape.Pattern, "...}", "}")
		path = strings.Replace(path, "{verb}", c.path[strings.LastIndex(c.path, "/")+1:], 1)
		if !described[path] {
			t.Errorf("%s is not described", path)
		}
	}
	text, err := json.Marshal(paths)
	if err != nil || bytes.Contains(text, []byte("/me/-/actions")) || bytes.Contains(text, []byte("{draft}")) {
		t.Errorf("what no token may do is described, %v", err)
	}
}
