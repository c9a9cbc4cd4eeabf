// SPDX-License-Identifier: Apache-2.0

// Package province fills a site from data files: its agencies, officers,
// citizens, calendar and procedures, and, for a demo, a history of dossiers
// that is written by the same acts as any other. Start at Load.
package province

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/workflow"
)

// Password is that of every demo account.
const Password = "motcua-demo"

// data is province.json.
type data struct {
	Name     form.Text       `json:"name"`
	Agencies []agency.Agency `json:"agencies"`
	Officers []struct {
		Login string `json:"login"`
		Name  string `json:"name"`
		Posts []struct {
			Role workflow.Role `json:"role"`
			At   []agency.ID   `json:"at"`
			agency.Remit
		} `json:"posts"`
	} `json:"officers"`
	Citizens []struct {
		Login  string          `json:"login"`
		Person identity.Person `json:"person"`
	} `json:"citizens"`
	Organisations []struct {
		Person  identity.Person `json:"person"`
		Basis   string          `json:"basis"`
		Manager string          `json:"manager"` // login
		Members []struct {
			Login string               `json:"login"`
			Role  identity.MandateRole `json:"role"`
			Basis string               `json:"basis"`
		} `json:"members"`
	} `json:"organisations"`
	Earlier struct {
		Codes []string      `json:"codes"`
		From  calendar.Date `json:"from"`
		To    calendar.Date `json:"to"`
		Note  form.Text     `json:"note"`
	} `json:"earlier"` // procedures that were offered before the edition in force too
}

// Account is a demo account, as it is printed at the start.
type Account struct {
	Login, Name string
	Roles       []workflow.Role // each once
	Agencies    []string        // names of where it has a post
	Officer     bool
}

// Procedures reads every procedure of a province, each checked; what is wrong
// is told for all of them at once.
func Procedures(files fs.FS) ([]*procedure.Edition, error) {
	text, err := fs.ReadFile(files, "blocks.json")
	if err != nil {
		return nil, err
	}
	blocks, err := form.ParseBlocks(text)
	if err != nil {
		return nil, err
	}
	dirs, err := fs.ReadDir(files, "procedures")
	if err != nil {
		return nil, err
	}
	var list []*procedure.Edition
	var wrong []error
	for _, d := range dirs {
		sub, err := fs.Sub(files, "procedures/"+d.Name())
		if err != nil {
			return nil, err
		}
		e, err := procedure.Load(sub, blocks)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("procedures/%s: %w", d.Name(), err))
			continue
		}
		list = append(list, e)
	}
	return list, errors.Join(wrong...)
}

// Load fills an empty site, in one transaction; one that is filled already is
// left as it is. It reports whether it filled.
func Load(ctx context.Context, d *db.DB, files fs.FS, now time.Time) (bool, error) {
	var p data
	if err := readJSON(files, "province.json", &p); err != nil {
		return false, err
	}
	var terms agency.Terms
	if err := readJSON(files, "terms.json", &terms); err != nil {
		return false, err
	}
	editions, err := Procedures(files)
	if err != nil {
		return false, err
	}
	schedule, err := readSchedule(files)
	if err != nil {
		return false, err
	}
	there := false
	has := func(tx *db.Tx) (err error) {
		there, err = tx.One(`SELECT 1 FROM agency LIMIT 1`, nil, new(int))
		return err
	}
	if err := d.Read(ctx, has); err != nil || there {
		return false, err
	}
	hash, err := identity.HashPassword(Password) // slow on purpose: not in the transaction
	if err != nil {
		return false, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := has(tx); err != nil || there {
			return err
		}
		if err := agency.SaveSchedule(tx, schedule, calendar.DateOf(now)); err != nil {
			return err
		}
		return p.write(tx, terms, editions, hash, now)
	})
	return err == nil && !there, err
}

func (p *data) write(tx *db.Tx, terms agency.Terms, editions []*procedure.Edition, hash string, now time.Time) error {
	if err := agency.SaveTerms(tx, terms); err != nil {
		return err
	}
	if err := agency.SaveAgencies(tx, p.Agencies, calendar.DateOf(now)); err != nil {
		return err
	}
	if err := agency.PublishCalendar(tx, calendar.Builtin()); err != nil {
		return err
	}
	since := calendar.MustDate("2018-06-21")
	for _, o := range p.Officers {
		id, err := identity.Enrol(tx, identity.Account{Login: o.Login, Name: o.Name, Officer: true, Person: identity.Person{Kind: "officer", Name: o.Name}}, hash, now)
		if err != nil {
			return err
		}
		for _, post := range o.Posts {
			for _, at := range post.At {
				if err := agency.SavePosts(tx, agency.Post{Account: id, Role: post.Role, Agency: at, From: since, Remit: post.Remit}); err != nil {
					return err
				}
			}
		}
	}
	citizens := map[string]int64{}
	for _, c := range p.Citizens {
		id, err := identity.Enrol(tx, identity.Account{Login: c.Login, Name: c.Person.Name, Person: c.Person}, hash, now)
		if err != nil {
			return err
		}
		citizens[c.Login] = id
	}
	for _, o := range p.Organisations {
		id, err := identity.FoundOrganisation(tx, citizens[o.Manager], o.Person, o.Basis, now)
		if err != nil {
			return err
		}
		for _, m := range o.Members {
			mandate := identity.Mandate{Organisation: id, Member: citizens[m.Login], Role: m.Role, From: calendar.DateOf(now).AddMonths(-6), To: calendar.DateOf(now).AddMonths(6), Basis: m.Basis}
			if err := identity.GiveMandate(tx, mandate, citizens[o.Manager], now); err != nil {
				return err
			}
		}
	}
	for _, e := range editions {
		if slices.Contains(p.Earlier.Codes, e.Facts.Code) {
			before := *e
			before.Facts.ValidFrom, before.Facts.ValidTo = p.Earlier.From, &p.Earlier.To
			before.Facts.Notes = append(slices.Clone(e.Facts.Notes), p.Earlier.Note)
			if _, err := procedure.Publish(tx, &before); err != nil {
				return err
			}
		}
		if _, err := procedure.Publish(tx, e); err != nil {
			return err
		}
	}
	return tx.Err()
}

// Accounts lists the demo accounts of a province.
func Accounts(files fs.FS) ([]Account, error) {
	var p data
	if err := readJSON(files, "province.json", &p); err != nil {
		return nil, err
	}
	var list []Account
	for _, c := range p.Citizens {
		list = append(list, Account{Login: c.Login, Name: c.Person.Name})
	}
	for _, o := range p.Officers {
		a := Account{Login: o.Login, Name: o.Name, Officer: true}
		for _, post := range o.Posts {
			if !slices.Contains(a.Roles, post.Role) {
				a.Roles = append(a.Roles, post.Role)
			}
			for _, id := range post.At {
				if name := p.nameOf(id); !slices.Contains(a.Agencies, name) {
					a.Agencies = append(a.Agencies, name)
				}
			}
		}
		list = append(list, a)
	}
	return list, nil
}

// nameOf is what an agency is called in its last edition.
func (p *data) nameOf(id agency.ID) string {
	name := string(id)
	for _, a := range p.Agencies {
		if a.ID == id {
			name = a.Name.VI
		}
	}
	return name
}

func readSchedule(files fs.FS) (agency.Schedule, error) {
	file, err := files.Open("schedule.csv")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return agency.ParseSchedule(file)
}

func readJSON(files fs.FS, name string, into any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
