package server

import (
	"encoding/json"
	"sync"
	"time"

	"drover/models"
	"drover/views/ui"
)

// bannerSetting is where the banner is kept in the store.
const bannerSetting = "banner"

// bannerLasts is how long a process shows the banner that it knows.
const bannerLasts = 5 * time.Second

// bannerText is the banner as it is stored.
type bannerText struct {
	Text string `json:"text"`
	Kind string `json:"kind"`
}

// readBanner reads a stored banner; what cannot be read is none.
func readBanner(s models.SiteSetting) bannerText {
	var b bannerText
	if s.Value == "" || json.Unmarshal([]byte(s.Value), &b) != nil {
		return bannerText{Kind: ui.Info}
	}
	return b
}

// keptBanner is the banner as this process saw it last.
type keptBanner struct {
	guard  sync.Mutex
	notice ui.Notice
	until  time.Time
}

func (k *keptBanner) forget() {
	k.guard.Lock()
	defer k.guard.Unlock()
	k.until = time.Time{}
}

// bannerNotice is the banner, if there is one. A page can do without.
func (v *visit) bannerNotice() (ui.Notice, bool) {
	k := &v.site.banner
	k.guard.Lock()
	defer k.guard.Unlock()
	if time.Now().After(k.until) && v.byError == nil && v.context().Err() == nil {
		s, err := v.q.SiteSetting(bannerSetting)
		if err != nil {
			v.Log.ErrorContext(v.context(), "the banner cannot be read", "error", err.Error())
			return ui.Notice{}, false
		}
		b := readBanner(s)
		k.notice, k.until = ui.Notice{Kind: b.Kind, Text: b.Text, Since: s.UpdatedAt}, time.Now().Add(bannerLasts)
	}
	return k.notice, k.notice.Text != ""
}
