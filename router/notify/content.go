package notify

import (
	"context"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// content is the attributes of a notification, PS3.4 Table R.3.2-1: what the
// study holds now, all of it online, to be had from us. What we wrote ourselves is
// delivered, not announced.
func content(ctx context.Context, tx db.Tx, studyID, retrieveAE string) (*dataset.Dataset, error) {
	study, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return nil, err
	}
	list, err := catalog.SeriesOf(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return nil, err
	}
	d := dataset.New()
	d.SetItems(tag.ReferencedPerformedProcedureStepSequence)
	d.SetString(tag.StudyInstanceUID, "UI", study.StudyInstanceUID)
	var series []*dataset.Dataset
	for _, s := range list {
		var instances []*dataset.Dataset
		for _, i := range s.Instances {
			if i.Origin != catalog.Received {
				continue
			}
			one := dataset.New()
			one.SetString(tag.ReferencedSOPClassUID, "UI", i.SOPClassUID)
			one.SetString(tag.ReferencedSOPInstanceUID, "UI", i.SOPInstanceUID)
			one.SetString(tag.InstanceAvailability, "CS", "ONLINE")
			one.SetString(tag.RetrieveAETitle, "AE", retrieveAE)
			instances = append(instances, one)
		}
		if len(instances) == 0 {
			continue
		}
		item := dataset.New()
		item.SetString(tag.SeriesInstanceUID, "UI", s.SeriesInstanceUID)
		item.SetItems(tag.ReferencedSOPSequence, instances...)
		series = append(series, item)
	}
	d.SetItems(tag.ReferencedSeriesSequence, series...)
	return d, nil
}
