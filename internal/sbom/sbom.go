package sbom

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"github.com/google/licensecheck"
)

// Allowed are the licences, by SPDX identifier, that what we hand out may have: they
// ask for their text and a name, and nothing of what is built with them.
var Allowed = []string{
	"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "Unlicense", "Zlib", "0BSD", "CC0-1.0", "MIT-0", "BSD-0-Clause",
	"IPA", "VLGothic", // the fonts of reports
}

// Component is one thing the program is made of.
type Component struct {
	Type     string     `json:"type"` // library, data
	Ref      string     `json:"bom-ref"`
	Name     string     `json:"name"`
	Version  string     `json:"version,omitempty"`
	PURL     string     `json:"purl,omitempty"`
	Licences []Choice   `json:"licenses"`
	More     []Property `json:"properties,omitempty"`
}

// Choice is a licence in the form of CycloneDX.
type Choice struct {
	Licence struct {
		ID   string `json:"id,omitempty"`   // of SPDX
		Name string `json:"name,omitempty"` // of others
	} `json:"license"`
}

// Property is a name and a value.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func licences(ids ...string) (out []Choice) {
	for _, id := range ids {
		var c Choice
		if id == "VLGothic" {
			c.Licence.Name = id
		} else {
			c.Licence.ID = id
		}
		out = append(out, c)
	}
	return out
}

// Refused says which licences of a component are not allowed.
func (c Component) Refused() (out []string) {
	for _, l := range c.Licences {
		if id := l.Licence.ID + l.Licence.Name; !slices.Contains(Allowed, id) {
			out = append(out, id)
		}
	}
	if len(c.Licences) == 0 {
		out = append(out, "no licence")
	}
	return out
}

// Modules are the Go modules of a build, and the toolchain's library.
func Modules(info *debug.BuildInfo, cache string) (out []Component, err error) {
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	out = append(out, Component{Type: "library", Ref: "pkg:golang/std@" + goVersion, Name: "std", Version: goVersion, PURL: "pkg:golang/std@" + goVersion, Licences: licences("BSD-3-Clause")})
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		ids, err := licencesIn(filepath.Join(cache, escaped(m.Path)+"@"+escaped(m.Version)))
		if err != nil {
			return nil, fmt.Errorf("sbom: %s: %w", m.Path, err)
		}
		purl := "pkg:golang/" + m.Path + "@" + m.Version
		out = append(out, Component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl, Licences: licences(ids...), More: []Property{{"go:sum", m.Sum}}})
	}
	return out, nil
}

// escaped is a module path or version as the cache spells it: !x for X.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// enough is how much of a text must be a known licence for the file to be one.
const enough = 60 // percent

// licencesIn reads the licence files of a module.
func licencesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("the module cache has it not: run `go mod download` (%w)", err)
	}
	var ids []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		if strings.Contains(name, "3RD-PARTY") || strings.Contains(name, "THIRD") {
			continue // of what it was tested with, too; what is linked is in our own list
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		c := licensecheck.Scan(text)
		if c.Percent < enough {
			continue
		}
		for _, m := range c.Match {
			if !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("no licence file with a text that is known")
	}
	slices.Sort(ids)
	return ids, nil
}

// Packages are the npm packages that a lock file says go into the pages.
func Packages(lock io.Reader) ([]Component, error) {
	var in struct {
		Packages map[string]struct {
			Version, License, Integrity string
			Dev                         bool
		}
	}
	if err := json.NewDecoder(lock).Decode(&in); err != nil {
		return nil, fmt.Errorf("sbom: lock file: %w", err)
	}
	var out []Component
	for path, p := range in.Packages {
		if path == "" || p.Dev {
			continue
		}
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
		c := Component{Type: "library", Ref: purl, Name: name, Version: p.Version, PURL: purl, More: []Property{{"npm:integrity", p.Integrity}}}
		if p.License != "" {
			c.Licences = licences(p.License)
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Component) int { return strings.Compare(a.Ref, b.Ref) })
	return out, nil
}

// Embedded is what the program carries of others beside code.
func Embedded() []Component {
	return []Component{
		{Type: "data", Ref: "font:ipaexg", Name: "IPAexGothic", Licences: licences("IPA")},
		{Type: "data", Ref: "font:vl-pgothic", Name: "VL PGothic", Licences: licences("VLGothic")},
	}
}

// Write writes the bill of a program. It is the same for the same parts: the serial
// number comes of them, and no time is in it.
func Write(w io.Writer, name, version string, parts []Component) error {
	raw, err := json.Marshal(parts)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(append([]byte(name+"@"+version+"\n"), raw...))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // RFC 9562 5.8
	bill := map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"serialNumber": fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		"metadata":     map[string]any{"component": map[string]string{"type": "application", "bom-ref": name, "name": name, "version": version}},
		"components":   parts,
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(bill)
}
