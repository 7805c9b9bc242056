package reportstest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
)

// Context returns what a writer gets beside Sample: a CT image's header, in the
// character sets a Japanese scanner uses, and the study's instances.
func Context() reports.Context {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "", "ISO 2022 IR 87")
	d.SetString(tag.PatientAge, "AS", "078Y")
	d.SetString(tag.StudyID, "SH", "1")
	request := dataset.New()
	request.SetString(tag.RequestedProcedureID, "SH", "RP1")
	request.SetString(tag.RequestedProcedureDescription, "LO", "頭部単純")
	d.SetItems(tag.RequestAttributesSequence, request)
	c := reports.Context{Source: d, Organization: reports.Organization{
		Name: "特定非営利活動法人 遠隔読影ネット", NameEn: "Teleradiology Network",
		Address: "徳島市新町 1-2-3", Phone: "088-000-0000",
	}}
	for i := range 6 {
		c.Evidence = append(c.Evidence, reports.Evidence{
			SeriesInstanceUID: fmt.Sprintf("2.25.%d", 100+i%2), SOPClassUID: "1.2.840.10008.5.1.4.1.1.2",
			SOPInstanceUID: fmt.Sprintf("2.25.%d", 1000+i),
		})
	}
	return c
}

// File writes an object as a Part 10 file.
func File(t testing.TB, d *dataset.Dataset) []byte {
	t.Helper()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Validate fails the test for every Error line of dciodvfy, when that is
// installed. Lines that name one of given are about values the hospital gave and
// that must stay as they are: UIDs.
func Validate(t testing.TB, file []byte, given ...string) {
	t.Helper()
	path, err := exec.LookPath("dciodvfy")
	if err != nil {
		t.Log("dciodvfy is not installed: its verdict is not asked for")
		return
	}
	name := filepath.Join(t.TempDir(), "object.dcm")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	// Its exit code tells of errors too; the lines say which.
	out, _ := exec.CommandContext(t.Context(), path, name).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		about := func(v string) bool { return v != "" && strings.Contains(line, v) }
		if strings.HasPrefix(line, "Error") && !slices.ContainsFunc(given, about) {
			t.Error(strings.TrimSpace(line))
		} else if strings.HasPrefix(line, "Warning") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
