// Package chart does the arithmetic of the pictures: from values and a size to
// coordinates, path texts and a sentence that says the same in words.
//
// It is pure and writes no markup: package ui draws what it returns. Colours
// are class names; their values live in the style sheet. Time runs left to
// right, oldest left, in every picture.
package chart

import (
	"strconv"
	"strings"
)

// number prints a coordinate with at most two decimals and no trailing zeros.
func number(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	s = strings.TrimRight(s, "0")
	return strings.TrimSuffix(s, ".")
}
