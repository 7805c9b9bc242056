package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	stdslices "slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist/order"
)

var updateConformance = flag.Bool("update-conformance", false, "write the tables of docs/CONFORMANCE.md anew")

const conformance = "../../docs/CONFORMANCE.md"

// The tables of the conformance statement are what the running service
// negotiates and what the code says. `go test ./cmd/dokuei -run Conformance
// -update-conformance` writes them; what a person has to write, the meaning of
// a status, stays theirs.
func TestConformanceStatement(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(conformance)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	s := serve(t, newData(t, network))
	for name, table := range map[string]string{
		"identification":          identification(t, s),
		"services":                services(t, s),
		"storage":                 storageClasses(t, s),
		"transfer syntaxes":       syntaxes(t, s, uid.CTImageStorage),
		"query transfer syntaxes": syntaxes(t, s, uid.StudyRootFind),
		"keys":                    queryKeys(),
		"worklist keys":           worklistKeys(),
		"written":                 written(t),
	} {
		was, rest := block(t, doc, name)
		if was == table {
			continue
		}
		if !*updateConformance {
			t.Errorf("table %q is not what the service does; run the test with -update-conformance and read the difference\n%s", name, difference(was, table))
		}
		doc = rest(table)
	}
	if *updateConformance {
		if err := os.WriteFile(conformance, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, files := range map[string][]string{
		"store statuses":      {"dicom/service/storage.go"},
		"performed statuses":  {"router/performed/*.go"},
		"commitment statuses": {"router/commit/*.go"},
		"query statuses":      {"dicom/service/find.go", "dicom/service/get.go", "dicom/service/guard.go", "dicom/service/move.go", "dicom/service/query.go", "dicom/service/retrieve.go", "storage/archive/*.go"},
		"worklist statuses":   {"dicom/service/find.go", "dicom/service/worklist.go", "worklist/order/find.go"},
	} {
		want := statusesIn(t, files...)
		if name == "performed statuses" {
			want = append(want, "0000") // what is not an error
		}
		if name == "store statuses" {
			for _, code := range []uint16{ingest.StatusSuccess, ingest.StatusOutOfResources, ingest.StatusMismatch, ingest.StatusCannotUnderstand} {
				want = append(want, fmt.Sprintf("%04X", code))
			}
		}
		table, _ := block(t, doc, name)
		var got []string
		for _, m := range regexp.MustCompile(`(?m)^\| ([0-9A-F]{4}) \|`).FindAllStringSubmatch(table, -1) {
			got = append(got, m[1])
		}
		stdslices.Sort(got)
		stdslices.Sort(want)
		if want = stdslices.Compact(want); !stdslices.Equal(got, want) {
			t.Errorf("table %q has %v, the code %v", name, got, want)
		}
	}
}

// block finds the text between the marks of a table; rest is the document with
// another in its place.
func block(t *testing.T, doc, name string) (text string, rest func(string) string) {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- end -->"
	before, after, ok := strings.Cut(doc, begin)
	text, tail, found := strings.Cut(after, end)
	if !ok || !found {
		t.Fatalf("%s has no table %q", conformance, name)
	}
	return text, func(s string) string { return before + begin + s + end + tail }
}

func difference(was, is string) string {
	var b strings.Builder
	for _, l := range strings.Split(was, "\n") {
		if !strings.Contains(is, l) {
			b.WriteString("- " + l + "\n")
		}
	}
	for _, l := range strings.Split(is, "\n") {
		if !strings.Contains(was, l) {
			b.WriteString("+ " + l + "\n")
		}
	}
	return b.String()
}

func table(head ...string) *strings.Builder {
	b := new(strings.Builder)
	row(b, head...)
	b.WriteString("|" + strings.Repeat("---|", len(head)) + "\n")
	return b
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// negotiated proposes abstract syntaxes, with both roles, and gives what came
// of each.
func negotiated(t *testing.T, s *server, abstract []string, transfer ...string) (list []ul.Context, a *ul.Association) {
	t.Helper()
	for some := range stdslices.Chunk(abstract, 100) {
		cfg := ul.DialConfig{Config: ul.Config{AETitle: "MINAMI_CT"}, CalledAE: "DOKUEI"}
		for i, u := range some {
			cfg.Contexts = append(cfg.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: u, TransferSyntaxes: transfer})
			cfg.Roles = append(cfg.Roles, pdu.RoleSelection{SOPClassUID: u, SCU: true, SCP: true})
		}
		var err error
		if a, err = ul.Dial(context.WithoutCancel(t.Context()), s.DICOM, cfg); err != nil {
			t.Fatal(err)
		}
		list = append(list, a.Contexts()...)
		if err := a.Release(); err != nil {
			t.Error(err)
		}
	}
	return list, a
}

func uids(list []uid.SOPClass) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.UID)
	}
	return out
}

func identification(t *testing.T, s *server) string {
	_, a := negotiated(t, s, []string{uid.Verification}, uid.ImplicitVRLittleEndian)
	b := table("Item", "Value")
	row(b, "Application context", pdu.ApplicationContextName)
	row(b, "Implementation Class UID", a.PeerImplementationClassUID)
	row(b, "Implementation Version Name", a.PeerImplementationVersionName)
	return b.String()
}

// services are the SOP classes that are not storage.
func services(t *testing.T, s *server) string {
	list, _ := negotiated(t, s, uids(uid.ServiceSOPClasses()), uid.ImplicitVRLittleEndian)
	b := table("SOP class", "UID", "User (SCU)", "Provider (SCP)")
	for _, c := range list {
		if c.Accepted() {
			user := "no"
			if c.PeerSCP {
				user = "yes"
			}
			row(b, uid.Name(c.AbstractSyntax), c.AbstractSyntax, user, "yes")
		}
	}
	row(b, "every storage SOP class (section 8.1)", "", "yes", "yes")
	return b.String()
}

// written are the objects that are made of a signed report with a key image and a
// measurement.
func written(t *testing.T) string {
	t.Helper()
	c := reportstest.Context()
	on := c.Evidence[0].SOPInstanceUID
	c.Wanted = []string{sr.EnhancedObject}
	c.Annotations = reports.Annotations{
		Keys:  []reports.KeyImage{{ID: "k", Number: 1, Instance: on, Frame: 1}},
		Marks: []reports.Mark{{ID: "m", Kind: "length", Instance: on, Frame: 1, Points: [][2]float64{{1, 1}, {2, 2}}, Values: []reports.Value{{Name: "length", Value: 1, Unit: "mm"}}}},
	}
	b := table("Object", "SOP class", "UID", "Template", "Modality", "Series Number")
	for _, w := range reportWriters() {
		d, err := w.Write(reportstest.Sample(), c)
		if err != nil || d.Dataset == nil {
			t.Fatalf("%T writes nothing: %v", w, err)
		}
		template := d.Dataset.Item(tag.ContentTemplateSequence).String(tag.TemplateIdentifier)
		if template != "" {
			template = "TID " + template
		}
		number, _ := d.Dataset.Int(tag.SeriesNumber)
		row(b, "`"+d.Object+"`", uid.Name(d.SOPClassUID), d.SOPClassUID, template, d.Dataset.String(tag.Modality), strconv.Itoa(number))
	}
	return b.String()
}

func storageClasses(t *testing.T, s *server) string {
	list, _ := negotiated(t, s, uids(uid.StorageSOPClasses()), uid.ImplicitVRLittleEndian)
	stdslices.SortFunc(list, func(a, b ul.Context) int { return cmp.Compare(uid.Name(a.AbstractSyntax), uid.Name(b.AbstractSyntax)) })
	b := table("SOP class", "UID", "Provider", "User, by C-GET")
	for _, c := range list {
		if c.Accepted() {
			row(b, uid.Name(c.AbstractSyntax), c.AbstractSyntax, "yes", map[bool]string{true: "yes", false: "no"}[c.PeerSCP])
		}
	}
	return b.String()
}

func syntaxes(t *testing.T, s *server, class string) string {
	b := table("Transfer syntax", "UID")
	for _, ts := range uid.TransferSyntaxes() {
		list, _ := negotiated(t, s, []string{class}, ts.UID)
		if list[0].Accepted() {
			row(b, ts.Name, ts.UID)
		}
	}
	return b.String()
}

func queryKeys() string {
	list := catalog.Attributes()
	stdslices.SortFunc(list, func(a, b catalog.Attribute) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Tag, b.Tag))
	})
	b := table("Level", "Attribute", "Tag", "VR", "Matching")
	for _, a := range list {
		e, _ := tag.Lookup(a.Tag)
		level := map[catalog.Level]string{catalog.PatientLevel: "PATIENT", catalog.StudyLevel: "STUDY", catalog.SeriesLevel: "SERIES", catalog.InstanceLevel: "IMAGE"}[a.Level]
		row(b, level, e.Name, a.Tag.String(), a.VR, a.Matching())
	}
	return b.String()
}

// worklistKeys are the attributes of the modality worklist.
func worklistKeys() string {
	b := table("Attribute", "Tag", "VR", "Matching")
	var list func(d *dataset.Dataset, indent string)
	list = func(d *dataset.Dataset, indent string) {
		for _, at := range d.Tags() {
			e, _ := tag.Lookup(at)
			vr, _ := d.VR(at)
			how := map[string]string{"SQ": "sequence", "UI": "single value, list of UID", "DA": "single value, range", "TM": "single value, range"}[vr.String()]
			if vr.String() == "SQ" && len(d.Items(at)) == 0 {
				how = "none, returned empty"
			}
			row(b, indent+e.Name, at.String(), vr.String(), cmp.Or(how, "single value, wild card"))
			for _, item := range d.Items(at) {
				list(item, indent+">")
			}
		}
	}
	list(order.Attributes(), "")
	return b.String()
}

// statusesIn are the codes of the statuses that source files name.
func statusesIn(t *testing.T, patterns ...string) []string {
	t.Helper()
	root := "../.."
	raw, err := os.ReadFile(filepath.Join(root, "dicom/dimse/status.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, m := range regexp.MustCompile(`(\w+)\s+Status = 0x([0-9A-F]{4})`).FindAllStringSubmatch(string(raw), -1) {
		codes[m[1]] = m[2]
	}
	var found []string
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.Join(root, p))
		if err != nil || len(names) == 0 {
			t.Fatal(p, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`dimse\.(\w+)`).FindAllStringSubmatch(string(src), -1) {
				if code, ok := codes[m[1]]; ok && code != "0211" {
					found = append(found, code)
				}
			}
		}
	}
	if len(found) == 0 {
		t.Fatal("no statuses in " + strconv.Quote(strings.Join(patterns, " ")))
	}
	return found
}
