package performed

import (
	"context"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
)

// Step is what a modality has said, to be told to somebody else.
type Step struct {
	SOPInstanceUID string
	Status         Status
	attributes     *dataset.Dataset
}

// Load reads a step by our key.
func Load(ctx context.Context, tx db.Tx, id string) (Step, error) {
	var facility, sop string
	err := tx.QueryRowContext(ctx, `SELECT facility_id, sop_instance_uid FROM performed_steps WHERE id = $1`, id).Scan(&facility, &sop)
	if err != nil {
		return Step{}, errUnknown
	}
	s, err := load(ctx, tx, facility, sop)
	return Step{sop, s.status, s.attributes}, err
}

// Begun are the attributes of an N-CREATE: the step while it was IN PROGRESS (PS3.4
// F.7.2.1), without what only the end of it brings.
func (s Step) Begun() *dataset.Dataset {
	d := dataset.New()
	for _, t := range s.attributes.Tags() {
		d.Set(t, s.attributes)
	}
	if s.Status.Final() {
		d.SetString(tag.PerformedProcedureStepStatus, "CS", string(InProgress))
		d.SetString(tag.PerformedProcedureStepEndDate, "DA")
		d.SetString(tag.PerformedProcedureStepEndTime, "TM")
		d.SetItems(tag.PerformedSeriesSequence)
		d.Delete(tag.PerformedProcedureStepDiscontinuationReasonCodeSequence)
	}
	return d
}

// Changes are the attributes of an N-SET: all that one may set.
func (s Step) Changes() *dataset.Dataset {
	d := dataset.New()
	for _, t := range s.attributes.Tags() {
		if t == tag.SpecificCharacterSet || !slices.Contains(fixed, t) {
			d.Set(t, s.attributes)
		}
	}
	return d
}
