// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"motcua/internal/refusal"
	"motcua/internal/secret"
)

// configCmd prints what serve would serve with.
type configCmd struct{ serveCmd }

// Run prints every setting with where its value comes from, secrets hidden.
func (c *configCmd) Run(ctx *kong.Context) error {
	from := map[*kong.Flag]string{}
	for _, p := range ctx.Path {
		switch {
		case p.Flag == nil:
		case p.Resolved:
			from[p.Flag] = "tệp / file " + string(c.where.Config)
		default:
			from[p.Flag] = "tham số / flag"
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range ctx.Selected().Flags {
		value, source := fmt.Sprint(ctx.FlagValue(f)), from[f]
		if list, ok := ctx.FlagValue(f).([]string); ok {
			var hidden []string
			for _, x := range list {
				hidden = append(hidden, secret.Hide(x))
			}
			value = strings.Join(hidden, ",")
		}
		if source == "" {
			source = "mặc định / default"
			for _, name := range f.Envs {
				if _, set := os.LookupEnv(name); set {
					source = "môi trường / environment " + name
				}
			}
		}
		fmt.Fprintf(w, "--%s\t%s\t%s\n", f.Name, secret.Hide(value), source)
	}
	return w.Flush()
}

// settings are those of a settings file, by the names of the flags.
type settings map[string]any

// readSettings reads a settings file. One that holds a password must be private.
func readSettings(r io.Reader) (kong.Resolver, error) {
	s := settings{}
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return nil, err
	}
	hides := func(v any) bool { return secret.Hide(fmt.Sprint(v)) != fmt.Sprint(v) }
	for _, v := range s {
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		if file, ok := r.(*os.File); ok && slices.ContainsFunc(list, hides) {
			return s, secret.Private(file.Name())
		}
	}
	return s, nil
}

// Validate refuses a setting that no command knows: a limit that is misspelt must
// not silently be none.
func (s settings) Validate(app *kong.Application) error {
	var known []string
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			known = append(known, f.Name)
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(app.Node)
	for name := range s {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--config: không có thiết lập / no setting %q", name)
		}
	}
	return nil
}

// Resolve is the setting of a flag.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	if slices.ContainsFunc(f.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set }) {
		return nil, nil // the environment counts before a file
	}
	return s[f.Name], nil
}

// noSecrets refuses a password on the command line, where every user of the
// machine reads it.
func noSecrets(args []string) error {
	for _, a := range args {
		if secret.Hide(a) != a {
			return refusal.New(refusal.NotAllowed, "secret.argument")
		}
	}
	return nil
}
