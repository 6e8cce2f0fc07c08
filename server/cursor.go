package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"

	"drover/models"
	"drover/rules/id"
)

// cursor is the place of a row in one list, as links carry it.
type cursor struct {
	List   []byte `json:"l"` // of which list, with which filters and order
	Text   string `json:"t,omitempty"`
	Number int64  `json:"n,omitempty"`
	ID     id.ID  `json:"i,omitempty"`
}

var errCursor = errors.New("this place belongs to another list: start again without it")

func listMark(list string) []byte {
	sum := sha256.Sum256([]byte(list))
	return sum[:6]
}

func writeCursor(key models.Key, list string) string {
	body, err := json.Marshal(cursor{List: listMark(list), Text: key.Text, Number: key.Number, ID: key.ID})
	if err != nil {
		return "" // texts, numbers and ids always have a JSON form
	}
	return base64.RawURLEncoding.EncodeToString(body)
}

func readCursor(text, list string) (models.Key, error) {
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return models.Key{}, errCursor
	}
	var c cursor
	if err := json.Unmarshal(body, &c); err != nil || string(c.List) != string(listMark(list)) {
		return models.Key{}, errCursor
	}
	return models.Key{Text: c.Text, Number: c.Number, ID: c.ID}, nil
}
