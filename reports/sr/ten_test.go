package sr_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// keys are two key images of the study, the second one named first.
func keys(c *reports.Context) {
	c.Annotations.Keys = []reports.KeyImage{
		{ID: "b", Number: 2, Instance: c.Evidence[3].SOPInstanceUID, Frame: 1, Text: "血腫"},
		{ID: "a", Number: 1, Instance: c.Evidence[1].SOPInstanceUID, Frame: 1},
	}
}

// ten and one reports of every kind, language and length a hospital gets.
func ten() map[string]*reports.Report {
	kind := func(k reports.Kind, language string) *reports.Report {
		r := reportstest.Amended()
		r.Kind, r.Language = k, language
		r.Sections = append([]reports.Section{{Code: reports.CodeReason, Heading: reports.Heading(reports.CodeReason, language, ""), Text: "左右を取り違えたため。\n𠮷 髙 﨑 ①"}}, r.Sections[:3]...)
		return r
	}
	first := reportstest.Sample()
	first.Kind = reports.Preliminary
	all := reportstest.Sample()
	for _, code := range []string{reports.CodeHistory, reports.CodeTechnique, reports.CodeComparison} {
		all.Sections = append(all.Sections, reports.Section{Code: code, Heading: reports.Heading(code, "ja", ""), Text: "単純CT。前回と比較して変化なし。"})
	}
	mr := reportstest.English()
	mr.Study.Modalities, mr.Study.BodyPart = []string{"MR"}, "KNEE"
	mr.Title = reports.TitleFor(mr.Study.Modalities, mr.Study.BodyPart)
	return map[string]*reports.Report{
		"final": reportstest.Sample(), "english": reportstest.English(), "long": reportstest.Long(), "addendum": reportstest.Amended(),
		"preliminary": first, "correction": kind(reports.Correction, "ja"), "correction in English": kind(reports.Correction, "en"),
		"retraction": kind(reports.Retraction, "ja"), "all sections": all, "knee": mr, "coded": reportstest.Coded(),
	}
}

// Ten reports with key images and measurements in both forms: no line of Error from
// dciodvfy, DCMTK prints each tree and shows it as a page with all of its text and
// images.
func TestTenReports(t *testing.T) {
	t.Parallel()
	for name, r := range ten() {
		t.Run(name+"/basic", func(t *testing.T) {
			t.Parallel()
			c := reportstest.Context()
			keys(&c)
			one(t, r, c, sr.Writer{}, "<contains IMAGE:=(CT image,)>")
		})
		t.Run(name+"/enhanced", func(t *testing.T) {
			t.Parallel()
			c := annotated()
			c.Evidence[4].SOPClassUID = c.Evidence[0].SOPClassUID
			c.Annotations.Keys[1].Frame = 1
			c.Wanted = []string{sr.EnhancedObject}
			// What they were measured on is named with each value too.
			one(t, r, c, sr.EnhancedWriter{}, `<inferred from IMAGE:(121080,DCM,"Best illustration of finding")=(CT image,)>`)
		})
	}
}

// one is what the tools say to one report with two key images.
func one(t *testing.T, r *reports.Report, c reports.Context, w reports.Writer, image string) {
	t.Helper()
	d, err := w.Write(r, c)
	if err != nil {
		t.Fatal(err)
	}
	file, back := encode(t, d.Dataset)
	reportstest.Validate(t, file)
	got, err := sr.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sections) != len(r.Sections) {
		t.Errorf("%d of %d sections come back", len(got.Sections), len(r.Sections))
	}
	path := filepath.Join(t.TempDir(), "sr.dcm")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	tree := run(t, "dsrdump", "+Pl", "+Pc", path)
	if tree != "" && strings.Count(tree, image) != 2 {
		t.Errorf("the key images are not in the tree:\n%s", tree)
	}
	// Each code is below the text that says it.
	if tree != "" && strings.Count(tree, "<has properties CODE:(121071,DCM,\"Finding\")") != len(r.Codes()) {
		t.Errorf("not all codes are in the tree:\n%s", tree)
	}
	page := run(t, "dsr2html", "+U8", path)
	for _, s := range r.Sections {
		line, _, _ := strings.Cut(s.Text, "\n")
		if head := string([]rune(line)[:min(len([]rune(line)), 20)]); page != "" && !strings.Contains(page, head) {
			t.Errorf("%q is not on the page", head)
		}
	}
	// What is of our own naming is said what it is.
	named := map[string]bool{}
	for _, it := range back.Items(tag.CodingSchemeIdentificationSequence) {
		named[it.String(tag.CodingSchemeDesignator)] = it.String(tag.CodingSchemeName) != ""
	}
	if reason := r.Kind == reports.Correction || r.Kind == reports.Retraction; !named["99JPMEDREG"] || named[reports.Scheme] != reason {
		t.Errorf("private coding schemes %v", named)
	}
	if flag := back.String(tag.PreliminaryFlag); (flag == "PRELIMINARY") != (r.Kind == reports.Preliminary) {
		t.Errorf("%s says %s", r.Kind, flag)
	}
}

// run gives what a tool prints, "" when it is not installed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%s is not installed: what it would say is not checked", name)
		return ""
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
