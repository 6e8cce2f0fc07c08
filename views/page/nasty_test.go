package page

import (
	"reflect"
	"strings"

	"drover/views/chart"
	examples "drover/views/story"
)

const (
	hostile  = examples.Hostile
	longName = examples.LongName
)

// nastyStories are usual pages with every text replaced: by markup, and by
// names that are as long as names get.
func nastyStories() []story {
	var all []story
	usual := append(append(append(append(frontStories()[:1], treeStories()[2:3]...), checkoutStories()[:1]...), resultStories()[0], resultStories()[3], resultStories()[5]),
		testStories()[2], mailStories()[0], mailStories()[2], treeStories()[10], wizardStories()[1], wizardStories()[8], wizardStories()[14], wizardStories()[18], wizardStories()[22], testWizardStories()[1], testWizardStories()[2], testWizardStories()[6], testWizardStories()[9], checkoutStories()[4],
		compareStories()[0], timelineStories()[0], gridStories()[0], gridStories()[1], jobStories()[0], jobStories()[2], jobStories()[6])
	for _, s := range usual {
		all = append(all, story{s.name + "-hostile", replaced(s.page, hostile)}, story{s.name + "-long", replaced(s.page, longName)})
	}
	return all
}

// keep are fields whose texts are chosen from a set, not typed by people, and
// URLs, which route has made.
var keep = map[string]bool{"Status": true, "Shown": true, "Verdict": true, "Kind": true, "Change": true, "State": true, "Family": true, "Theme": true,
	"Active": true, "Lane": true, "FilterField.Name": true, "Step": true, "FieldError.Field": true, "Dimension.Name": true, "Formats": true, "Sorted": true, "Environment": true, "Asset": true, "Scripts": true, "Class": true, "Last": true, "Here": true, "SameHost": true}

// replaced is a deep copy of page with every free text set to text.
func replaced(page Page, text string) Page {
	v := reflect.New(reflect.TypeOf(page)).Elem()
	v.Set(reflect.ValueOf(page))
	replace(v, text)
	return v.Interface().(Page)
}

func replace(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && !keep[f.Name] && !keep[v.Type().Name()+"."+f.Name] {
				replace(v.Field(i), text)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]chart.Cell]() {
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range v.Len() {
			replace(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Type().Elem().Kind() == reflect.Struct {
			fresh := reflect.New(v.Type().Elem())
			fresh.Elem().Set(v.Elem())
			v.Set(fresh)
			replace(fresh.Elem(), text)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			v.SetString(strings.ReplaceAll(text, "\n", " "))
		}
	}
}
