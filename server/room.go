package server

import (
	"errors"
	"fmt"
	"strings"

	"drover/models"
	"drover/models/blob"
	"drover/views/ui"
)

// dataPlace names the folder whose disk is spoken of. Its path is for the
// people of this machine, not for every reader of a public site.
func (s *site) dataPlace() string {
	if s.Settings.Writable {
		return s.Settings.DataDir
	}
	return "DROVER_DATA"
}

// roomProblem says that the disk is full, as far as it can be asked.
func (s *site) roomProblem() error {
	free, err := s.Free()
	if err == nil && free < blob.LeastFree {
		err = fmt.Errorf("the disk under %s is full (%d MiB are free): free some space; builds and tests wait until then, and nothing that was stored is lost",
			s.dataPlace(), free>>20)
	}
	return err
}

// roomNotice tells on every page of a disk that is full or will be soon.
func (s *site) roomNotice() (ui.Notice, bool) {
	var full *models.FullError
	if errors.As(s.Store.Full(), &full) {
		return ui.Notice{Kind: ui.Alarm, Text: upper(full.Place) + " is full: free some space. Nothing can be stored until then; nothing that was stored is lost."}, true
	}
	if s.Free == nil {
		return ui.Notice{}, false
	}
	if err := s.roomProblem(); err != nil {
		return ui.Notice{Kind: ui.Alarm, Text: upper(err.Error()) + "."}, true
	}
	if free, err := s.Free(); err == nil && free < blob.LowFree {
		return ui.Notice{Kind: ui.Warn, Text: fmt.Sprintf("Only %d MiB are free on the disk under %s: free some space. Below %d MiB builds and tests wait.",
			free>>20, s.dataPlace(), blob.LeastFree>>20)}, true
	}
	return ui.Notice{}, false
}

// upper makes a text the beginning of a sentence.
func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
