package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/internal/sbom"
)

// Everything the program, its pages and its tests are made of has a licence that is
// allowed, and what is listed can be read back.
func TestLicences(t *testing.T) {
	t.Parallel()
	info, ok := debug.ReadBuildInfo()
	if !ok || len(info.Deps) < 40 {
		t.Fatal("this program does not know what it is made of")
	}
	cache, err := exec.CommandContext(t.Context(), tool(t, "go"), "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	parts, err := sbom.Modules(info, strings.TrimSpace(string(cache)))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.Open(filepath.Join("..", "..", "viewer", "web", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	pages, err := sbom.Packages(lock)
	if err != nil || len(pages) < 3 {
		t.Fatalf("%d packages: %v", len(pages), err)
	}
	parts = append(append(parts, pages...), sbom.Embedded()...)
	for _, p := range parts {
		if refused := p.Refused(); len(refused) > 0 {
			t.Errorf("%s has %v", p.Ref, refused)
		}
	}
	var first, again bytes.Buffer
	if err := sbom.Write(&first, "dokuei", "v1", parts); err != nil {
		t.Fatal(err)
	}
	if err := sbom.Write(&again, "dokuei", "v1", parts); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("not the same for the same parts", err)
	}
	var bill struct {
		SpecVersion  string
		SerialNumber string
		Components   []sbom.Component
	}
	if err := json.Unmarshal(first.Bytes(), &bill); err != nil || bill.SpecVersion != "1.6" || len(bill.Components) != len(parts) || !strings.HasPrefix(bill.SerialNumber, "urn:uuid:") {
		t.Errorf("%v %s %d", err, bill.SpecVersion, len(bill.Components))
	}
	strange := sbom.Component{Licences: []sbom.Choice{{}}}
	strange.Licences[0].Licence.ID = "AGPL-3.0"
	if len(strange.Refused()) == 0 || len((sbom.Component{}).Refused()) == 0 {
		t.Error("what is not allowed is")
	}
}
