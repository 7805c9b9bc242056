package sr_test

import (
	"bytes"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

func Example() {
	// A report value becomes a document …
	d, err := sr.Build(reportstest.English(), reportstest.Context())
	if err != nil {
		fmt.Println(err)
		return
	}
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var file bytes.Buffer
	if err := dataset.WriteFile(&file, d, ts); err != nil {
		fmt.Println(err)
		return
	}
	// … and a document a report value.
	_, back, _, err := dataset.ReadFile(&file, stream.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := sr.Parse(back)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Title.Meaning, "by", r.Author.NameEn)
	fmt.Println(r.Sections[1].Heading+":", r.Sections[1].Text)
	// Output:
	// CT Head Report by Hanako Sato
	// Impression: Right putaminal haemorrhage.
}
