package service_test

import (
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// A key that is not supported is told of wherever it stands, and text in the item
// of a sequence counts for the character set of the answer.
func TestFindInSequences(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		step := dataset.New()
		step.SetString(tag.ScheduledProcedureStepDescription, "LO", "頭部")
		match := dataset.New()
		match.SetItems(tag.ScheduledProcedureStepSequence, step)
		serve(t, l, service.SCPConfig{Find: &finder{matches: []*dataset.Dataset{match}}})
		k := ask(t, l, nil, service.Context{uid.StudyRootFind, implicit})
		for asked, want := range map[tag.Tag]dimse.Status{tag.ScheduledProcedureStepDescription: dimse.Pending, tag.PatientComments: dimse.PendingWarning} {
			item := dataset.New()
			item.SetString(asked, "LO")
			d := identifier("STUDY", tag.SpecificCharacterSet, "ISO_IR 100")
			d.SetItems(tag.ScheduledProcedureStepSequence, item)
			got, answers := k.find(7, d)
			if !slices.Equal(got, []dimse.Status{want, dimse.Success}) || answers[0].String(tag.SpecificCharacterSet) != "ISO_IR 192" ||
				answers[0].Item(tag.ScheduledProcedureStepSequence).String(tag.ScheduledProcedureStepDescription) != "頭部" {
				t.Errorf("%s: %v, %v", asked, got, answers)
			}
		}
		k.release()
	})
}
