// Command write prints the bill of materials of a built program (make sbom).
//
//	go run ./internal/sbom/write PROGRAM LOCKFILE VERSION
package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/dokuei/dokuei/internal/sbom"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: write PROGRAM LOCKFILE VERSION")
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return err
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return err
	}
	parts, err := sbom.Modules(info, strings.TrimSpace(string(cache)))
	if err != nil {
		return err
	}
	lock, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer lock.Close()
	pages, err := sbom.Packages(lock)
	if err != nil {
		return err
	}
	parts = append(append(parts, pages...), sbom.Embedded()...)
	for _, p := range parts {
		if refused := p.Refused(); len(refused) > 0 {
			return fmt.Errorf("%s: %s is not among the allowed licences", p.Ref, strings.Join(refused, ", "))
		}
	}
	return sbom.Write(os.Stdout, "dokuei", args[2], parts)
}
