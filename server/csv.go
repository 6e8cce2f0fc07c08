package server

import (
	"bytes"
	"encoding"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// csv sends rows, a slice of structs, as a table. Columns are the names that
// JSON has; those of a thing inside a thing stand behind its own name.
func (v *visit) csv(rows any) error {
	body, err := encodeCSV(rows)
	if err != nil {
		return err
	}
	return v.sendCSV(body)
}

// table sends lines of text, the first of which names the columns.
func (v *visit) table(lines [][]string) error {
	var buffer bytes.Buffer
	w := csv.NewWriter(&buffer)
	for _, line := range lines {
		for i := range line {
			line[i] = guarded(line[i])
		}
	}
	if err := w.WriteAll(lines); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return v.sendCSV(buffer.Bytes())
}

func (v *visit) sendCSV(body []byte) error {
	header := v.echo.Response().Header()
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Vary", "Accept, HX-Request, X-Fragment")
	return v.send(http.StatusOK, "text/csv; charset=utf-8", body)
}

func encodeCSV(rows any) ([]byte, error) {
	list := reflect.ValueOf(rows)
	columns := columnsOf(list.Type().Elem(), "", nil)
	var buffer bytes.Buffer
	w := csv.NewWriter(&buffer)
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.name
	}
	if err := w.Write(head); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	for i := range list.Len() {
		line := make([]string, len(columns))
		for j, c := range columns {
			text, err := c.text(list.Index(i))
			if err != nil {
				return nil, fmt.Errorf("write CSV, column %s: %w", c.name, err)
			}
			line[j] = guarded(text)
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("write CSV: %w", err)
		}
	}
	w.Flush()
	return buffer.Bytes(), w.Error()
}

// guarded keeps spreadsheets from taking a text for a formula.
func guarded(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// csvColumn is one column: a name, and the way to its value.
type csvColumn struct {
	name string
	path []int
}

var (
	timeType = reflect.TypeFor[time.Time]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType = reflect.TypeFor[json.Marshaler]()
)

// columnsOf lists the columns of a struct in the order of its fields.
func columnsOf(t reflect.Type, prefix string, path []int) []csvColumn {
	var columns []csvColumn
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		at := append(append([]int{}, path...), i)
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case inner.Kind() == reflect.Struct && !isScalar(inner) && field.Anonymous && name == "":
			columns = append(columns, columnsOf(inner, prefix, at)...)
		case inner.Kind() == reflect.Struct && !isScalar(inner):
			columns = append(columns, columnsOf(inner, prefix+name+"_", at)...)
		default:
			columns = append(columns, csvColumn{name: prefix + name, path: at})
		}
	}
	return columns
}

func isScalar(t reflect.Type) bool {
	return t == timeType || t.Implements(textType) || t.Implements(jsonType)
}

func (c csvColumn) text(row reflect.Value) (string, error) {
	value := row
	for _, i := range c.path {
		for value.Kind() == reflect.Pointer {
			if value.IsNil() {
				return "", nil
			}
			value = value.Elem()
		}
		value = value.Field(i)
	}
	return cellText(value)
}

func cellText(value reflect.Value) (string, error) {
	switch v := value.Interface().(type) {
	case time.Time:
		if v.IsZero() {
			return "", nil
		}
		return v.UTC().Format(time.RFC3339Nano), nil
	case []string:
		return strings.Join(v, " "), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return string(text), err
	}
	switch value.Kind() {
	case reflect.String:
		return value.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(value.Bool()), nil
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(value.Int(), 10), nil
	case reflect.Pointer:
		if value.IsNil() {
			return "", nil
		}
		return cellText(value.Elem())
	}
	if value.Kind() == reflect.Slice && value.Len() == 0 {
		return "", nil
	}
	text, err := json.Marshal(value.Interface())
	return string(text), err
}
