package targeting

import "drover/formats/strictyaml"

// What is wrong with a text, and where: as every reader of YAML here says it.
type (
	// Place is a position in a text, both from 1. The zero Place is none.
	Place = strictyaml.Place
	// Problem is what is wrong at one place of a text, and what to do about it.
	Problem = strictyaml.Problem
	// Problems is all that is wrong, in the order of the text.
	Problems = strictyaml.Problems
)
