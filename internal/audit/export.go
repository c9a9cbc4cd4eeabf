// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"motcua/internal/db"
)

// Record is a line as it leaves the system: who by the number of their account,
// never by name, and of the details only what is known to name nobody. With its
// place in the chain and its hash a collector can prove that the line was written,
// and that none is missing before it.
type Record struct {
	Chain   int64          `json:"chain"`
	Seq     int64          `json:"seq"`
	Hash    string         `json:"hash"`
	At      time.Time      `json:"at"`
	Kind    Kind           `json:"kind"`
	Account int64          `json:"account,string,omitempty"` // as text: beyond what JavaScript counts to
	Dossier int64          `json:"dossier,string,omitempty"`
	Agency  string         `json:"agency,omitempty"`
	Flag    bool           `json:"flag,omitempty"`
	Detail  map[string]any `json:"detail,omitempty"`
}

// leaves are the details that may leave the system. What is not named here stays:
// names, what people wrote, names of files.
var leaves = map[string]bool{
	"code": true, "kinds": true, "from": true, "to": true, "sum": true, "role": true, "purpose": true, "level": true,
	"of": true, "officer": true, "member": true, "organisation": true, "substitute": true, "scopes": true, "until": true,
	"kind": true, "provider": true, "days": true, "outage": true, "procedure": true, "edition": true,
}

// Outgoing is a line as it leaves the system.
func (l *Line) Outgoing() (Record, error) {
	r := Record{Chain: l.Chain, Seq: l.Seq, Hash: l.Hash, At: l.At.UTC(), Kind: l.Kind, Account: l.Account, Dossier: l.Dossier, Agency: l.Agency, Flag: l.Flag}
	var all map[string]any
	d := json.NewDecoder(strings.NewReader(l.Body))
	d.UseNumber()
	if err := d.Decode(&all); err != nil && l.Body != "null" {
		return r, fmt.Errorf("journal %d/%d: %w", l.Chain, l.Seq, err)
	}
	r.Detail = map[string]any{}
	for name, value := range all {
		switch text, _ := value.(string); {
		case leaves[name]:
			r.Detail[name] = value
		case name == "what" && (l.Kind == Viewed || l.Kind == Listed): // goes on with a name
			r.Detail[name], _, _ = strings.Cut(text, " ")
		case name == "what":
			r.Detail[name] = value
		case name == "address":
			r.Detail["network"] = network(text)
		}
	}
	return r, nil
}

// network is where an address lies, without saying whose it is: /24, or /48.
func network(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil {
		address = at.Addr().String()
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p.String()
}

// Place is how far somebody has the journal: the last line of each chain.
type Place [Chains]int64

// Next reads lines after a place, those of each chain in their order, and the
// place they lead to. None means that there are no more.
func Next(ctx context.Context, d *db.DB, after Place, most int) (lines []Line, to Place, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		lines, to = nil, after
		for chain := range int64(Chains) {
			for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`, chain, after[chain], most/Chains) {
				l := scan(row)
				lines, to[chain] = append(lines, l), l.Seq
			}
		}
		return tx.Err()
	})
	return lines, to, err
}

// Ends is where the journal ends now.
func Ends(ctx context.Context, d *db.DB) (p Place, err error) {
	err = d.Look(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT chain, seq FROM journal_head`) {
			var chain, seq int64
			row.Scan(&chain, &seq)
			if chain >= 0 && chain < Chains {
				p[chain] = seq
			}
		}
		return tx.Err()
	})
	return p, err
}

// leaving are lines as they leave the system.
func leaving(lines []Line, keep func(*Line) bool) ([]Record, error) {
	var list []Record
	for i := range lines {
		if keep != nil && !keep(&lines[i]) {
			continue
		}
		r, err := lines[i].Outgoing()
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// exportBatch is how many lines are read and sent at a time.
const exportBatch = 2000

// Export hands every line that keep wants to a collector, or the lines so far and
// then, with follow, those that come, until ctx ends.
func Export(ctx context.Context, d *db.DB, to Collector, keep func(*Line) bool, follow bool) error {
	var at Place
	for {
		lines, next, err := Next(ctx, d, at, exportBatch)
		if err != nil {
			return err
		}
		list, err := leaving(lines, keep)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			if err := to.Send(ctx, list); err != nil {
				return err
			}
		}
		at = next
		if len(lines) > 0 {
			continue
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(exportPause):
		}
	}
}

// exportPause is how long nothing new is looked for.
const exportPause = time.Second

// Against holds lines that a collector has, as JSON lines, against the journal: a
// chain cut off at its end, and one written anew by who has the key, show only so.
// wrong is told what is not so; lines is how many were compared.
func Against(tx *db.Tx, exported io.Reader, wrong func(where, detail string)) (lines int64, err error) {
	in := bufio.NewReader(exported)
	for {
		text, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(text)) > 0 {
			lines++
			var r Record
			if fault := json.Unmarshal(text, &r); fault != nil || r.Hash == "" {
				wrong("line "+strconv.FormatInt(lines, 10), "is no exported line")
			} else if fault := against(tx, r, wrong); fault != nil {
				return lines, fault
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return lines, tx.Err()
		default:
			return lines, err
		}
	}
}

func against(tx *db.Tx, r Record, wrong func(where, detail string)) error {
	place, hash := fmt.Sprintf("%d/%d", r.Chain, r.Seq), ""
	found, err := tx.One(`SELECT hash FROM journal WHERE chain = $1 AND seq = $2`, []any{r.Chain, r.Seq}, &hash)
	switch {
	case err != nil:
		return err
	case !found:
		wrong(place, "was handed out, and is no longer there")
	case hash != r.Hash:
		wrong(place, "is not the line that was handed out")
	}
	return nil
}
