// SPDX-License-Identifier: Apache-2.0

// Command checkdemo loads the procedures below demo/procedures, or those named
// by code, and says what is wrong with each.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"motcua/internal/form"
	"motcua/internal/procedure"
)

func main() {
	codes := os.Args[1:]
	if len(codes) == 0 {
		dirs, _ := filepath.Glob("demo/procedures/*")
		for _, d := range dirs {
			codes = append(codes, filepath.Base(d))
		}
	}
	data, err := os.ReadFile("demo/blocks.json")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	blocks, err := form.ParseBlocks(data)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	bad := 0
	for _, code := range codes {
		if _, err := procedure.Load(os.DirFS(filepath.Join("demo", "procedures", code)), blocks); err != nil {
			fmt.Printf("%s:\n%v\n", code, err)
			bad++
		}
	}
	fmt.Printf("%d procedures, %d refused\n", len(codes), bad)
	if bad > 0 {
		os.Exit(1)
	}
}
