package server

import (
	"maps"
	"path"
	"reflect"
	"strings"

	"drover/views/chart"
	"drover/views/page"
)

// object is a JSON object of the description of this API.
type object = map[string]any

// schemas describes Go types as JSON does: by the fields' tags. Structs with a
// name are described once.
type schemas struct{ named object }

// described are types that write their JSON themselves.
var described = map[reflect.Type]object{
	reflect.TypeFor[chart.Rate]():    {"type": []string{"number", "null"}},
	reflect.TypeFor[page.GridCell](): {"type": []string{"object", "null"}},
}

// of describes one type.
func (s schemas) of(t reflect.Type) object {
	if own, known := described[t]; known {
		return own
	}
	switch {
	case t.Kind() == reflect.Pointer: // before what the type behind it can do
		return object{"anyOf": []object{s.of(t.Elem()), {"type": "null"}}}
	case t == timeType: // a time that is not known is null
		return object{"type": []string{"string", "null"}, "format": "date-time"}
	case t.Implements(textType):
		return object{"type": "string"}
	case t.Implements(jsonType):
		return object{}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.ofStruct(t)
	case reflect.Interface:
		return object{}
	}
	return object{"type": "integer"}
}

// ofStruct refers to the description of a struct, which may hold itself.
func (s schemas) ofStruct(t reflect.Type) object {
	if t.Name() == "" {
		return s.fields(t)
	}
	name := path.Base(t.PkgPath()) + "." + t.Name()
	if s.named[name] == nil {
		s.named[name] = object{} // is being described
		s.named[name] = s.fields(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// fields describes a struct by its fields; those of an embedded one are its own.
func (s schemas) fields(t reflect.Type) object {
	properties, required := object{}, map[string]bool{}
	s.add(t, properties, required)
	names := []string{}
	for _, name := range sortedKeys(properties) {
		if required[name] {
			names = append(names, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": names}
}

// optional notes that an embedded struct may be missing with all its fields.
func (s schemas) optional(t reflect.Type, required map[string]bool) {
	all := object{}
	s.add(t, all, map[string]bool{})
	for name := range all {
		required[name] = false
	}
}

func (s schemas) add(t reflect.Type, properties object, required map[string]bool) {
	own, ownRequired := object{}, map[string]bool{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() && !field.Anonymous {
			continue
		}
		inner, optional := field.Type, field.Type.Kind() == reflect.Pointer
		if optional {
			inner = inner.Elem()
		}
		if field.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			if s.add(inner, properties, required); optional {
				s.optional(inner, required)
			}
			continue // a field of the struct itself hides one of these
		}
		if name == "" {
			name = field.Name
		}
		own[name], ownRequired[name] = s.of(field.Type), !strings.Contains(options, "omit")
	}
	maps.Copy(properties, own)
	maps.Copy(required, ownRequired)
}
