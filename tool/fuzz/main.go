// SPDX-License-Identifier: Apache-2.0

// Command fuzz runs every Fuzz function of the project, found by itself, for a while
// each, two at a time. What one finds stays in its testdata folder.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

var (
	each = flag.Duration("time", time.Minute, "how long each runs")
	only = flag.String("only", "", "names to run, a regular expression")
)

// target is a Fuzz function and its package's folder.
type target struct{ folder, name string }

func main() {
	log.SetFlags(0)
	flag.Parse()
	list, err := targets(".")
	if err != nil {
		log.Fatal("fuzz: ", err)
	}
	work, failed := make(chan target), false
	var all sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		all.Go(func() {
			for t := range work {
				began := time.Now()
				out, err := exec.Command("go", "test", "-vet=off", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), "-fuzzminimizetime=100x", "-parallel=1", "./"+t.folder).CombinedOutput()
				mu.Lock()
				fmt.Printf("%-22s %-22s %4.0f s  %s\n", t.folder, t.name, time.Since(began).Seconds(), runs(out))
				if err != nil && !ended.Match(out) || runs(out) == never {
					failed = true
					os.Stdout.Write(out)
				}
				mu.Unlock()
			}
		})
	}
	for _, t := range list {
		work <- t
	}
	close(work)
	all.Wait()
	if failed || len(list) == 0 {
		os.Exit(1)
	}
}

var counted = regexp.MustCompile(`execs: (\d+)`)

// ended is what go test says of a target that found nothing, where its time ran out in
// the midst of a run: it takes the end of the time for a failure.
var ended = regexp.MustCompile(`--- FAIL: Fuzz\w+ \([0-9.]+s\)\n    context deadline exceeded\nFAIL\n`)

// never is said of a target that its time was too short for, which proves nothing.
const never = "never ran"

// runs is how often a target ran, as it says itself.
func runs(out []byte) string {
	all := counted.FindAllSubmatch(out, -1)
	if len(all) == 0 {
		return never
	}
	return string(all[len(all)-1][1]) + " times"
}

// targets finds the Fuzz functions below a folder.
func targets(root string) (list []target, err error) {
	named, err := regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	return list, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") && named.MatchString(fn.Name.Name) {
				list = append(list, target{filepath.ToSlash(filepath.Dir(path)), fn.Name.Name})
			}
		}
		return nil
	})
}
