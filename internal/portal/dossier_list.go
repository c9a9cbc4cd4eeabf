// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
)

type listPage struct {
	web.Page
	Drafts   []draftItem
	Dossiers []dossierItem
	Notices  []noticeItem
	Asked    []askedItem
	Next     string
	First    bool // not a further page
	Gone     []goneItem
}

type draftItem struct {
	Href, Name string
	SavedAt    time.Time
}

type dossierItem struct {
	Href, Code, Name, Status string
	Tag                      string // class of the tag
	Timing                   string
	SentAt                   time.Time
	Due                      string
}

// goneItem is a dossier that was destroyed at the end of its term.
type goneItem struct{ Code, Name, Text string }

type noticeItem struct {
	Href, Code, Text string
	At               time.Time
	New              bool
}

// askedItem is an invitation to fill in a page of somebody else's draft.
type askedItem struct {
	Href, Owner string
	Until       time.Time
}

// Sizes of the lists of a person's own page.
const (
	listSize   = 20
	noticeSize = 10
)

// listDossiers is a person's own page: drafts, dossiers, what they were told.
func listDossiers(v *visit) error {
	if v.who.Officer {
		return v.Redirect("/mot-cua")
	}
	p := listPage{Page: v.page(v.T("portal.mine.title"))}
	after, err := dossier.ParseAfter(v.R.URL.Query().Get("tu"))
	if err != nil {
		return err
	}
	p.First = after == dossier.After{}
	items, next, err := v.Book.Mine(v.R.Context(), v.who, listSize, after)
	if err != nil {
		return err
	}
	if next != nil {
		p.Next = "/ho-so?tu=" + next.String()
	}
	for _, i := range items {
		p.Dossiers = append(p.Dossiers, v.dossierItem(i))
	}
	if p.First {
		if err := v.draftsAndNotices(&p); err != nil {
			return err
		}
	}
	return v.Render(http.StatusOK, "dossier_list", p)
}

func (v *visit) draftsAndNotices(p *listPage) error {
	drafts, err := v.Book.Drafts(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		name, err := v.procedureName(d.Filing.Procedure)
		if err != nil {
			return err
		}
		p.Drafts = append(p.Drafts, draftItem{"/ho-so/nhap/" + d.ID, name, d.UpdatedAt})
	}
	asked, err := v.Book.Asked(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for _, x := range asked {
		p.Asked = append(p.Asked, askedItem{"/loi-moi/" + x.ID, x.Owner, x.Until})
	}
	gone, err := v.Book.Destroyed(v.R.Context(), v.who, listSize)
	if err != nil {
		return err
	}
	for _, t := range gone {
		name, err := v.procedureName(t.Procedure)
		if err != nil {
			return err
		}
		p.Gone = append(p.Gone, goneItem{string(t.Code), name, v.T("portal.mine.destroyed_at", "on", form.DateText(calendar.DateOf(t.At).String()), "rule", t.Keep.Name, "term", dossier.TermWords(t.Keep).In(v.Lang))})
	}
	told, err := v.Book.Notices(v.R.Context(), v.who, noticeSize)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(told, func(n dossier.Notice) bool { return !n.Read }) {
		if err := v.Book.NoticesRead(v.R.Context(), v.who, told[0].ID); err != nil {
			return err
		}
	}
	for _, n := range told {
		x := noticeItem{dossierPath(n.Code), string(n.Code), noticeText(v.Lang, n.Kind), time.UnixMilli(n.At), !n.Read}
		if n.Kind == dossier.NoticeDraft {
			x.Href, x.Code = "/ho-so/nhap/"+string(n.Code), v.T("portal.mine.draft_go_on")
		}
		switch n.Kind {
		case dossier.NoticeInfected:
			x.Text = v.T("portal.mine.infected")
		case dossier.NoticeInfectedCounter:
			x.Href, x.Text = "/mot-cua/ho-so/"+string(n.Code), v.T("portal.mine.infected_counter")
		case dossier.NoticeInfectedDraft:
			x.Href, x.Code, x.Text = "/ho-so/nhap/"+string(n.Code)+"/giay-to", v.T("portal.mine.draft_go_on"), v.T("portal.mine.infected_draft")
		}
		if n.Kind == dossier.NoticeInvitation {
			x.Href, x.Code = "/loi-moi/"+string(n.Code), v.T("portal.invite.open_it")
		}
		if n.Kind == privacy.NoticeRequest || n.Kind == privacy.NoticeBreach {
			x.Href = requestPath(string(n.Code))
			if n.Kind == privacy.NoticeBreach {
				x.Href = dataPath + "/su-co/" + string(n.Code)
			}
		}
		p.Notices = append(p.Notices, x)
	}
	return nil
}

// noticeText is what a notice says.
func noticeText(lang, kind string) string {
	keys := map[string]string{dossier.NoticeDraft: "portal.mine.draft_waits", dossier.NoticeInvitation: "portal.invite.waits_for_you", privacy.NoticeRequest: "privacy.notice.request", privacy.NoticeBreach: "privacy.notice.breach"}
	return web.T(lang, cmp.Or(keys[kind], "portal.event."+kind))
}

// procedureName is what a procedure is called now; its code once it is gone.
func (v *visit) procedureName(code string) (string, error) {
	e, err := v.Catalogue.Show(v.R.Context(), code, v.today())
	if refusal.Is(err, refusal.NotFound) {
		return code, nil
	}
	if err != nil {
		return "", err
	}
	return e.Facts.Name.In(v.Lang), nil
}

func (v *visit) dossierItem(i dossier.Item) dossierItem {
	item := dossierItem{Href: dossierPath(i.Code), Code: string(i.Code), Status: regime.Find("").Word(i.Status).In(v.Lang), SentAt: i.SentAt, Tag: "tag-open"}
	item.Name = i.Procedure
	for _, e := range v.Catalogue.Entries() {
		if e.Code == i.Procedure {
			item.Name = e.Name.In(v.Lang)
			break
		}
	}
	switch {
	case i.Status.Closed():
		if item.Tag = "tag-open"; i.Status == regime.Resolved || i.Status == regime.Returned {
			item.Tag = "tag-done"
		}
	case i.Waits && i.Status == regime.AskedMore:
		item.Due, item.Timing, item.Tag = v.T("portal.mine.complete", "at", web.Instant(v.Lang, i.Until)), v.T("portal.timing.yours"), "tag-near"
	case !i.DueAt.IsZero():
		item.Due = v.T("portal.mine.due", "at", web.Instant(v.Lang, i.DueAt))
		item.Timing, item.Tag = v.timing(i.DueAt)
	}
	return item
}

// timing says how a running dossier stands against its appointment.
func (v *visit) timing(due time.Time) (word, tag string) {
	switch dossier.TimingOf(due, v.Now()) {
	case dossier.Late:
		return v.T("portal.timing.late"), "tag-late"
	case dossier.Near:
		return v.T("portal.timing.near"), "tag-near"
	}
	return v.T("portal.timing.in_time"), "tag-open"
}

// dossierPath is the address of a dossier.
func dossierPath(c dossier.Code) string { return "/ho-so/" + string(c) }

// sentPath is the address of the acknowledgement of a dossier.
func sentPath(c dossier.Code) string { return dossierPath(c) + "/da-nop" }
