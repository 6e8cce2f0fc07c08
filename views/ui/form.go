package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// attributes are what an input, a select and a textarea have in common.
func (i Input) attributes() templ.OrderedAttributes {
	list := templ.OrderedAttributes{
		{Key: "id", Value: "field-" + i.Name},
		{Key: "name", Value: i.Name},
	}
	add := func(key string, value any) { list = append(list, templ.KeyValue[string, any]{Key: key, Value: value}) }
	if i.Type != "" {
		add("type", i.Type)
	}
	if i.Type == "password" {
		add("autocomplete", "current-password")
	}
	if i.Mono {
		add("class", "mono")
		add("spellcheck", "false")
	}
	if i.Mono && i.Type == "" {
		add("autocapitalize", "off")
	}
	if i.Required {
		add("required", true)
	}
	var describedBy []string
	if i.Error != "" {
		add("aria-invalid", "true")
		describedBy = append(describedBy, "field-"+i.Name+"-error")
	}
	if i.Help != "" {
		describedBy = append(describedBy, "field-"+i.Name+"-help")
	}
	if len(describedBy) > 0 {
		add("aria-describedby", strings.Join(describedBy, " "))
	}
	return list
}

func rows(n int) string { return strconv.Itoa(max(2, n)) }

func contains(list []string, s string) bool { return slices.Contains(list, s) }
