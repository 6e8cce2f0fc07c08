package kpetdb

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"drover/rules/targeting"
)

// writtenTest is a test as a file of definitions has it. What targeting does
// not read stands below kpet.
type writtenTest struct {
	When targeting.Condition `yaml:"when,omitempty"`
	Sets []string            `yaml:"sets,omitempty,flow"`
	Cost targeting.Cost      `yaml:"cost,omitempty"`
	Kpet writtenFacts        `yaml:"kpet"`
}

type writtenFacts struct {
	UniversalID  string               `yaml:"universal_id,omitempty"`
	Location     string               `yaml:"location,omitempty"`
	Origin       string               `yaml:"origin,omitempty"`
	Maintainers  []string             `yaml:"maintainers,omitempty"`
	MaxDuration  string               `yaml:"max_duration,omitempty"`
	Role         string               `yaml:"role,omitempty"`
	Environment  map[string]string    `yaml:"environment,omitempty"`
	HostTypes    []string             `yaml:"host_types,omitempty,flow"`
	HostRequires []string             `yaml:"host_requires,omitempty"`
	Partitions   []string             `yaml:"partitions,omitempty"`
	Kickstart    []string             `yaml:"kickstart,omitempty"`
	Waived       bool                 `yaml:"waived,omitempty"`
	WaivedWhen   *targeting.Condition `yaml:"waived_when,omitempty"`
}

// YAML is the database as a file of test definitions, which
// definition.ReadToSelect reads.
func (d Database) YAML() (string, error) {
	tests := yaml.Node{Kind: yaml.MappingNode}
	definitions := d.Definitions()
	for i, t := range d.Tests {
		one := writtenTest{definitions[i].When, t.Sets, definitions[i].Cost, writtenFacts{
			UniversalID: t.UniversalID, Location: t.Location, Origin: t.Origin, Maintainers: t.Maintainers,
			MaxDuration: t.MaxDuration.String(), Role: t.Role, Environment: t.Environment, HostTypes: t.HostTypes,
			HostRequires: t.HostRequires, Partitions: t.Partitions, Kickstart: t.Kickstart, Waived: t.Waived, WaivedWhen: t.WaivedWhen,
		}}
		var name, value yaml.Node
		name.SetString(t.Name)
		if err := value.Encode(one); err != nil {
			return "", fmt.Errorf("write test %s: %w", t.Name, err)
		}
		tests.Content = append(tests.Content, &name, &value)
	}
	sets := map[string]string{}
	for _, set := range d.Sets {
		sets[set] = ""
	}
	text, err := yaml.Marshal(struct {
		Sets  map[string]string `yaml:"sets,omitempty"`
		Tests *yaml.Node        `yaml:"tests"`
	}{sets, &tests})
	if err != nil {
		return "", fmt.Errorf("write the definitions: %w", err)
	}
	return string(text), nil
}
