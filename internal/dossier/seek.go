// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/search"
)

// Place is where the next page of a list by age starts: see Unit.
func (i Item) Place() int64 { return i.id }

// Position is where a dossier stands in its queue, to go on behind it.
func (s *State) Position() After { return After{s.sorted(), s.ID} }

// Sought is what an officer looks for: a code or its beginning, an applicant's
// name or identity number, in a procedure. Empty fields do not narrow.
type Sought struct {
	Text      string
	Procedure string // code
}

// seekDepth is how many dossiers of an agency are looked through where no index
// leads to what is sought, the newest first.
const seekDepth = 20_000

// Seek finds dossiers among those that an officer may see, the newest first,
// at most limit; more tells that there are others. A name is found by its last
// words or, among the newest dossiers, by any words in their order, with or
// without marks; a number or a code from its beginning. Of restricted access, whose
// names and numbers lie sealed, older ones are found by the whole name or number.
func (b *Book) Seek(ctx context.Context, who Actor, sought Sought, limit int) (items []Item, more bool, err error) {
	text := strings.TrimSpace(sought.Text)
	if text == "" && sought.Procedure == "" {
		return nil, false, nil
	}
	if procedureCode.MatchString(text) && sought.Procedure == "" {
		text, sought.Procedure = "", text
	}
	k := seeker{who: who, cleared: who.Cleared(), deciders: b.deciders(who), procedure: sought.Procedure, limit: limit + 1}
	if len(k.deciders) == 0 {
		return nil, false, nil
	}
	kind := SoughtBy(text)
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		k.items = nil
		switch {
		case text == "":
			k.newest(tx, nil)
		case kind == ByCode:
			code := strings.ToUpper(text)
			if strings.Contains(code, "-") {
				k.among(tx, "code", code)
			} else {
				k.newest(tx, func(i *Item) bool { return strings.HasPrefix(string(i.Code), code) })
			}
		case kind == ByNumber:
			k.among(tx, "id_number", numberIn(text))
			k.exactly(tx, "id_number", digestKey(tx, "number", numberIn(text)))
		default:
			k.named(tx, text)
		}
		return tx.Err()
	})
	slices.SortFunc(k.items, func(a, b Item) int { return cmp.Compare(b.id, a.id) })
	if more = len(k.items) > limit; more {
		k.items = k.items[:limit]
	}
	if err != nil {
		return nil, false, err
	}
	return k.items, more, b.listed(ctx, who, Listing{What: string(kind), N: len(k.items), Codes: codesOf(k.items), asked: text})
}

// Seeking is by what dossiers are looked for.
type Seeking string

// By what they are.
const (
	ByCode      Seeking = "code"
	ByNumber    Seeking = "number" // identity number, or its beginning
	ByName      Seeking = "name"
	ByProcedure Seeking = "procedure"
)

// SoughtBy is by what a text looks for dossiers.
func SoughtBy(text string) Seeking {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || procedureCode.MatchString(text):
		return ByProcedure
	case codeStart.MatchString(text):
		return ByCode
	case numberIn(text) != "":
		return ByNumber
	}
	return ByName
}

// numberIn is the number that a text is, as people write numbers; "" if it is none.
func numberIn(text string) string {
	number := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(text)
	if len(number) < 4 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

// seeker gathers what an officer looks for.
type seeker struct {
	who       Actor
	cleared   bool        // for what is of restricted access somewhere
	deciders  []agency.ID // whose decisions the officer may see dossiers of
	procedure string
	limit     int
	items     []Item
}

// among finds by the beginning of a column that has an index of its own.
func (k *seeker) among(tx *db.Tx, column, start string) {
	q := query{}
	from, to := q.arg(start), q.arg(start+"~")
	where := k.who.seen(&q)
	if k.procedure != "" {
		where += ` AND procedure = ` + q.arg(k.procedure)
	}
	// The beginning of a number may be that of very many: the index is walked
	// in its own order, and only so far.
	k.gather(tx, &q, fmt.Sprintf(`SELECT id FROM (SELECT id, competent, reception, procedure, field, restricted, queue FROM dossier WHERE %[1]s >= %[2]s AND %[1]s < %[3]s ORDER BY %[1]s DESC LIMIT %[5]d) AS near WHERE %[4]s ORDER BY id DESC LIMIT %[6]d`,
		column, from, to, where, seekDepth, k.limit), "", nil)
}

// exactly finds dossiers of restricted access by the keyed digest of a whole number
// or name.
func (k *seeker) exactly(tx *db.Tx, column, digest string) {
	if !k.cleared {
		return
	}
	q := query{}
	k.gather(tx, &q, fmt.Sprintf(`SELECT id FROM dossier WHERE %s = %s AND competent IN (%s) AND %s ORDER BY id DESC LIMIT %d`,
		column, q.arg(digest), q.list(texts(k.deciders)), k.who.seen(&q), k.limit), "", nil)
}

func texts(ids []agency.ID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// named finds by the last words of the applicant's name; if nobody is called
// so, by any of its words among the newest.
func (k *seeker) named(tx *db.Tx, text string) {
	key := nameKey(text)
	if key == "" {
		return
	}
	for _, at := range k.deciders {
		q := query{}
		where, most := k.at(&q, at), ""
		from, to := q.arg(key), q.arg(strings.TrimSuffix(key, " ")+"!")
		if k.procedure == "" {
			most = fmt.Sprintf(` ORDER BY id DESC LIMIT %d`, k.limit)
		}
		k.gather(tx, &q, fmt.Sprintf(`SELECT id FROM dossier WHERE %s AND name_key >= %s AND name_key < %s%s`, where, from, to, most), "", nil)
	}
	k.exactly(tx, "name_key", digestKey(tx, "name", key))
	if len(k.items) == 0 {
		words := " " + search.Fold(text) + " "
		k.newest(tx, func(i *Item) bool { return strings.Contains(" "+search.Fold(i.Applicant)+" ", words) })
	}
}

// newest looks through the newest dossiers of each agency.
func (k *seeker) newest(tx *db.Tx, keep func(*Item) bool) {
	for _, at := range k.deciders {
		q := query{}
		k.gather(tx, &q, fmt.Sprintf(`SELECT id FROM dossier WHERE %s ORDER BY id DESC LIMIT %d`, k.at(&q, at), seekDepth), "", keep)
	}
}

// at is the condition for the dossiers that an agency decides and the officer sees.
func (k *seeker) at(q *query, at agency.ID) string {
	return `competent = ` + q.arg(string(at)) + ` AND ` + k.who.seen(q)
}

// gather reads the dossiers of a list of ids, the newest first.
func (k *seeker) gather(tx *db.Tx, q *query, ids, where string, keep func(*Item) bool) {
	if k.procedure != "" {
		where += ` AND procedure = ` + q.arg(k.procedure)
	}
	found := 0
	for row := range tx.Query(`SELECT `+itemColumns+` FROM dossier WHERE id IN (`+ids+`)`+where+` ORDER BY id DESC`, q.args...) {
		i := scanItem(tx, row)
		if keep != nil && !keep(&i) {
			continue
		}
		k.items = append(k.items, i)
		if found++; found == k.limit {
			break
		}
	}
}

// nameKey is a name as it is looked for: its words without marks, the last
// first, each with a space behind it: "giang huong thi nguyen ".
func nameKey(name string) string {
	words := strings.Fields(search.Fold(name))
	slices.Reverse(words)
	key := strings.Join(words, " ")
	if key != "" {
		key += " "
	}
	return key
}

// What begins like a dossier code ("H57.21"), and the code of a procedure.
var (
	codeStart     = regexp.MustCompile(`^[A-Ya-y]\d{2}[A-Za-z0-9.-]{0,60}$`)
	procedureCode = regexp.MustCompile(`^\d\.\d{6}(\.\S{1,20})?$`)
)

// deciders lists the agencies whose decisions an officer may see dossiers of:
// where the officer works, and what a one-stop the officer works at receives for.
func (b *Book) deciders(who Actor) []agency.ID {
	var ids []agency.ID
	add := func(id agency.ID) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	d := b.Site.Directory()
	for _, p := range who.Posts {
		if !handles(p.Role) {
			continue
		}
		add(p.Agency)
		if a := d.Find(p.Agency); a != nil {
			for _, r := range a.Receives {
				add(r)
			}
		}
	}
	return ids
}
