package deident_test

import (
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
)

func Example() {
	p, err := deident.New(deident.Config{Key: []byte("a secret of sixteen bytes or more"), Options: []deident.Option{deident.RetainPatientChars, deident.CleanDescriptors}})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := dataset.New()
	d.SetString(tag.PatientName, "PN", "Yamada^Taro")
	d.SetString(tag.PatientAge, "AS", "078Y")
	d.SetString(tag.StudyDescription, "LO", "Head CT of Mr Yamada")
	p.Dataset(d)
	fmt.Println(d.String(tag.PatientName) != "Yamada^Taro", d.String(tag.PatientAge), d.String(tag.StudyDescription))
	// Output: true 078Y Head CT of Mr ***
}
