// SPDX-License-Identifier: Apache-2.0

package web

import "strings"

// NavLink leads to a part of the officers' pages.
type NavLink struct{ Href, Key, Current string }

// Nav is what an officer's pages lead to: what is in the row, and what is asked for
// less often and stands behind it.
type Nav struct {
	Row, More []NavLink
	Within    string // key of the one of More that is shown
}

// Nav leads to what the officer's posts let them open; what they may not is refused
// there whatever stands here.
func (p Page) Nav() Nav {
	var n Nav
	who := p.Who
	if who == nil {
		who = &Who{}
	}
	path, _, _ := strings.Cut(p.Path, "?")
	add := func(list *[]NavLink, may bool, href, key string) {
		l := NavLink{Href: href, Key: key}
		switch {
		case path == href:
			l.Current = "page"
		case href != "/" && href != "/mot-cua" && strings.HasPrefix(path, href+"/"):
			l.Current = "true"
		}
		if may {
			*list = append(*list, l)
			if list == &n.More && l.Current != "" {
				n.Within = key
			}
		}
	}
	add(&n.Row, true, "/mot-cua", "desk.nav.queues")
	add(&n.Row, who.Clerk, "/mot-cua/tiep-nhan", "desk.nav.counter")
	add(&n.Row, who.Clerk, "/mot-cua/so-theo-doi", "desk.nav.register")
	add(&n.Row, who.Privacy, "/mot-cua/quyen-du-lieu", "desk.nav.privacy")
	add(&n.Row, who.Admin, "/mot-cua/can-bo", "desk.nav.staff")
	add(&n.Row, true, "/mot-cua/giam-sat", "desk.nav.watch")
	add(&n.More, who.Money, "/mot-cua/tien", "desk.nav.money")
	add(&n.More, who.Privacy, "/mot-cua/su-co-du-lieu", "desk.nav.breach")
	add(&n.More, true, "/mot-cua/luot-xem", "desk.nav.views")
	add(&n.More, who.Head, "/mot-cua/xac-nhan", "desk.nav.vouch")
	add(&n.More, who.Site, "/mot-cua/ly-do", "desk.nav.reasons")
	add(&n.More, who.Head || who.Site, "/mot-cua/luu-tru", "desk.nav.records")
	add(&n.More, true, "/mot-cua/gian-doan", "desk.nav.outage")
	add(&n.More, true, "/mot-cua/vang-mat", "desk.nav.absence")
	add(&n.More, true, "/mot-cua/huong-dan", "desk.nav.guide")
	add(&n.More, true, "/", "desk.nav.portal")
	return n
}
