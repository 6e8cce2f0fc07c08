package ui

// icons are paths of Lucide 1.62.0 (https://lucide.dev), drawn in a 24 by 24
// box with a round pen of 2; circles and rectangles are written as paths.
//
// ISC License. Copyright (c) 2026 Lucide Icons and Contributors. Permission to
// use, copy, modify, and/or distribute this software for any purpose with or
// without fee is hereby granted, provided that the above copyright notice and
// this permission notice appear in all copies. The whole text, with the part
// derived from Feather, is in LUCIDE-LICENSE beside this file.
var icons = map[string]string{
	"triangle-alert": "m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3M12 9v4M12 17h.01",
	"circle-check":   "M22 12a10 10 0 1 1-20 0a10 10 0 0 1 20 0zm-6-3-5.5 5.5L8 12",
	"info":           "M22 12a10 10 0 1 1-20 0a10 10 0 0 1 20 0zm-10 4v-4m0-4h.01",
	"copy":           "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2zM4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2",
	"git-branch":     "M15 6a9 9 0 0 0-9 9V3M21 6a3 3 0 1 1-6 0a3 3 0 0 1 6 0zM9 18a3 3 0 1 1-6 0a3 3 0 0 1 6 0z",
	"folder-git":     "M18 19a5 5 0 0 1-5-5v8M9 20H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3.9a2 2 0 0 1 1.69.9l.81 1.2a2 2 0 0 0 1.67.9H20a2 2 0 0 1 2 2v5M15 12a2 2 0 1 1-4 0a2 2 0 0 1 4 0zM22 19a2 2 0 1 1-4 0a2 2 0 0 1 4 0z",
	"flask":          "M14 2v6a2 2 0 0 0 .245.96l5.51 10.08A2 2 0 0 1 18 22H6a2 2 0 0 1-1.755-2.96l5.51-10.08A2 2 0 0 0 10 8V2M6.453 15h11.094M8.5 2h7",
	"play":           "M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z",
}
