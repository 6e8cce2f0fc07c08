package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// operation is one thing that a program can do: a route, and for those whose
// last part says what is done, one of its verbs.
type operation struct {
	row    row
	path   string // as a description of an API writes it: {name} for what varies
	action permission.Action
	answer // of a GET
	change // of a POST
}

var restOfPath = regexp.MustCompile(`\{(\w+)\.\.\.\}`)

// operations are all that tables and routes say a program can do, in the order
// of the routes.
func operations(rows []row) []operation {
	var list []operation
	for _, r := range rows {
		path := restOfPath.ReplaceAllString(r.pattern, "{$1}")
		if a, known := answers[r.pattern]; known && r.method == http.MethodGet {
			list = append(list, operation{row: r, path: path, action: r.action, answer: a})
		}
		if r.method != http.MethodPost {
			continue
		}
		if r.action != byVerb {
			if c, known := changes[r.pattern]; known {
				list = append(list, operation{row: r, path: path, action: r.action, change: c})
			}
			continue
		}
		for _, verb := range slices.Sorted(maps.Keys(verbs[r.pattern])) {
			if c, known := changes[strings.Replace(r.pattern, "{verb}", verb, 1)]; known {
				list = append(list, operation{
					row: r, path: strings.Replace(path, "{verb}", verb, 1), action: verbs[r.pattern][verb], change: c,
				})
			}
		}
	}
	return list
}

// text says what an operation is for.
func (o operation) text() string { return o.answer.text + o.change.text }

// scopes are the scopes of a token of which each suffices.
func (o operation) scopes() []string {
	scopes := []string{}
	for _, line := range permission.Scopes {
		if slices.Contains(line.Actions, o.action) {
			scopes = append(scopes, string(line.Scope))
		}
	}
	return scopes
}

// openAPI describes this API (OpenAPI 3.1).
func (s *site) openAPI() object {
	types := schemas{named: object{}}
	paths := object{}
	for _, o := range operations(s.rows) {
		item, known := paths[o.path].(object)
		if !known {
			item = object{}
			paths[o.path] = item
		}
		item[strings.ToLower(o.row.method)] = o.describe(types)
	}
	types.named["Problem"] = types.fields(reflect.TypeFor[problem]())
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Drover", "version": s.Settings.Version,
			"description": "Every page answers programs: Accept: application/json, or .json behind the path. " + s.links.Absolute(route.HelpPage("bots")) + " says more.",
		},
		"servers":  []object{{"url": strings.TrimSuffix(s.links.Absolute(route.Home()), "/")}},
		"security": []object{{"token": []string{}}, {}},
		"paths":    paths,
		"components": object{
			"schemas":         types.named,
			"parameters":      sharedParameters(),
			"responses":       object{"Problem": object{"description": "What went wrong (RFC 9457)", "content": object{problemType: object{"schema": refTo("schemas", "Problem")}}}},
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "A token of a person, made under Settings."}},
		},
	}
}

func refTo(kind, name string) object { return object{"$ref": "#/components/" + kind + "/" + name} }

var pathName = regexp.MustCompile(`\{(\w+)\}`)

// describe is an operation for the description.
func (o operation) describe(types schemas) object {
	parameters := []object{}
	for _, m := range pathName.FindAllStringSubmatch(o.path, -1) {
		text := pathNames[m[1]]
		parameters = append(parameters, object{"name": m[1], "in": "path", "required": true, "description": text, "schema": object{"type": "string"}})
	}
	d := object{
		"summary": o.text(), "operationId": o.name(), "tags": []string{o.tag()},
		"security": []object{{"token": o.scopes()}},
	}
	if o.row.method == http.MethodGet {
		if o.action == permission.Read || o.action == permission.Open {
			d["security"] = []object{{"token": o.scopes()}, {}}
		}
		d["parameters"] = append(parameters, o.filterParameters()...)
		d["responses"] = responses(http.StatusOK, o.envelope(types))
		return d
	}
	d["parameters"] = append(parameters, refTo("parameters", keyHeader))
	if len(o.fields) > 0 {
		d["requestBody"] = o.body()
	}
	d["responses"] = responses(max(o.status, http.StatusOK), changeEnvelope)
	return d
}

func responses(status int, schema object) object {
	return object{
		fmt.Sprint(status): object{"description": http.StatusText(status), "content": object{"application/json": object{"schema": schema}}},
		"default":          refTo("responses", "Problem"),
	}
}

// name is unique, and good as the name of a function.
func (o operation) name() string {
	var b strings.Builder
	b.WriteString(strings.ToLower(o.row.method))
	for _, part := range strings.FieldsFunc(o.path, func(r rune) bool { return strings.ContainsRune("/-{}", r) }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// tag is the kind of object that an operation is about.
func (o operation) tag() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(o.path, "/"), "/")
	if first == "" || first == "-" {
		return "overview"
	}
	return first
}

// body describes what is sent: JSON, or the same as a form.
func (o operation) body() object {
	properties := object{}
	for _, name := range o.fields {
		properties[name] = object{"type": []string{"string", "number", "boolean", "array"}, "items": object{"type": "string"}}
	}
	schema := object{"schema": object{"type": "object", "properties": properties}}
	return object{"content": object{"application/json": schema, "application/x-www-form-urlencoded": schema}}
}

// filterParameters describes the query.
func (o operation) filterParameters() []object {
	var list []object
	for name := range strings.FieldsSeq(o.filters) {
		list = append(list, object{"name": name, "in": "query", "description": filterNames[name], "schema": object{"type": "array", "items": object{"type": "string"}}})
	}
	if o.list {
		for _, name := range listKeys {
			list = append(list, refTo("parameters", name))
		}
	}
	if o.row.pattern == "/api/events" {
		for _, name := range eventKeys {
			list = append(list, object{"name": name, "in": "query", "description": eventKeyNames[name], "schema": eventKeySchemas[name]})
		}
	}
	return list
}

// sharedParameters are those that many operations have.
func sharedParameters() object {
	shared := object{
		keyHeader: object{"name": keyHeader, "in": "header", "description": "The same request under the same key is done once.", "schema": object{"type": "string", "maxLength": keyLongest}},
	}
	for name, text := range listKeyNames {
		schema := object{"type": "string"}
		if name == "limit" {
			schema = object{"type": "integer", "minimum": 1, "maximum": highestLimit, "default": defaultLimit}
		}
		shared[name] = object{"name": name, "in": "query", "description": text, "schema": schema}
	}
	return shared
}

// envelope is what is around the data of an answer.
func (o operation) envelope(types schemas) object {
	properties := object{
		"data": types.of(o.dataType()), "generated_at": object{"type": "string", "format": "date-time"},
		"links": object{"type": "object", "additionalProperties": object{"type": "string"}},
	}
	switch {
	case o.row.pattern == "/api/events":
		properties["page"] = types.of(reflect.TypeFor[page.EventPage]())
	case o.list:
		properties["page"] = object{"type": "object", "required": []string{"limit", "next", "total", "total_is_exact"}, "properties": object{
			"limit": object{"type": "integer"}, "next": object{"type": []string{"string", "null"}}, "total": object{"type": "integer"}, "total_is_exact": object{"type": "boolean"},
		}}
		properties["query"] = object{"type": "object"}
	}
	return object{"type": "object", "required": sortedKeys(properties), "properties": properties}
}

// dataType is what stands in data: the Data of a page.
func (o operation) dataType() reflect.Type {
	t := reflect.TypeOf(o.data)
	if t.Kind() == reflect.Struct {
		if field, isPage := t.FieldByName("Data"); isPage {
			return field.Type
		}
	}
	return t
}

// changeEnvelope is the answer to a change.
var changeEnvelope = object{"type": "object", "required": []string{"data", "generated_at", "links"}, "properties": object{
	"data": object{"type": "object"}, "generated_at": object{"type": "string", "format": "date-time"},
	"links": object{"type": "object", "additionalProperties": object{"type": "string"}},
}}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// apiDocument sends the description for programs.
func apiDocument(v *visit) error {
	text, err := json.Marshal(v.openAPI())
	if err != nil {
		return fmt.Errorf("write the description of the API: %w", err)
	}
	keepPrivate(v.echo.Response().Header())
	return v.send(http.StatusOK, "application/json", append(text, '\n'))
}

// apiPage shows people what programs can do.
func apiPage(v *visit) error {
	f := v.frame("API", route.API(), ui.Crumb{Text: "API"})
	f.Active = "help"
	p := page.API{Frame: f}
	for _, o := range operations(v.rows) {
		group := page.APIGroup{Name: upper(o.tag())}
		at := slices.IndexFunc(p.Groups, func(g page.APIGroup) bool { return g.Name == group.Name })
		if at < 0 {
			p.Groups, at = append(p.Groups, group), len(p.Groups)
		}
		takes := append(strings.Fields(o.filters), o.fields...)
		if o.row.pattern == "/api/events" {
			takes = eventKeys
		}
		p.Groups[at].Operations = append(p.Groups[at].Operations, page.APIOperation{Method: o.row.method, Path: o.path, Text: o.text(), Takes: takes, Scopes: o.scopes()})
	}
	return v.html(http.StatusOK, p)
}
