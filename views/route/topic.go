package route

import (
	"net/url"
	"slices"
	"strings"

	"drover/rules/id"
)

// TopicHome is what lists of trees and checkouts listen to.
const TopicHome = "home"

// topicKinds are the kinds of objects that are topics by their id.
var topicKinds = []string{"checkout", "build", "result", "test", "job", "draft", "webhook"}

// HasTopic tells whether objects of a kind are topics by their id.
func HasTopic(kind string) bool { return slices.Contains(topicKinds, kind) }

// TopicTree is what the page of a tree listens to. A name may have a comma,
// which stands between topics.
func TopicTree(name string) string { return "tree:" + url.QueryEscape(name) }

// TopicOf is what a page about one object listens to.
func TopicOf(kind string, object id.ID) string { return kind + ":" + object.String() }

// Events is the stream of changes; pages add their topics.
func Events(topics ...string) URL { return With("/events", "topics", strings.Join(topics, ",")) }
