package sr

import (
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
)

// hierarchical is one item of the Hierarchical SOP Instance Reference Macro,
// PS3.3 Table C.17-3: one study, its series, their instances.
func hierarchical(study string, refs []reports.Evidence) *dataset.Dataset {
	refs = slices.Clone(refs)
	slices.SortStableFunc(refs, func(a, b reports.Evidence) int {
		return strings.Compare(a.SeriesInstanceUID, b.SeriesInstanceUID)
	})
	d := dataset.New()
	d.SetString(tag.StudyInstanceUID, "UI", study)
	var all []*dataset.Dataset
	for len(refs) > 0 {
		uid := refs[0].SeriesInstanceUID
		s := dataset.New()
		s.SetString(tag.SeriesInstanceUID, "UI", uid)
		var sops []*dataset.Dataset
		for len(refs) > 0 && refs[0].SeriesInstanceUID == uid {
			sop := dataset.New()
			sop.SetString(tag.ReferencedSOPClassUID, "UI", refs[0].SOPClassUID)
			sop.SetString(tag.ReferencedSOPInstanceUID, "UI", refs[0].SOPInstanceUID)
			sops = append(sops, sop)
			refs = refs[1:]
		}
		s.SetItems(tag.ReferencedSOPSequence, sops...)
		all = append(all, s)
	}
	d.SetItems(tag.ReferencedSeriesSequence, all...)
	return d
}

func evidence(r *reports.Report, c reports.Context) *dataset.Dataset {
	return hierarchical(r.Study.StudyInstanceUID, c.Evidence)
}

// predecessors lists the SR documents this one repeats and adds to.
func predecessors(r *reports.Report) *dataset.Dataset {
	var refs []reports.Evidence
	for _, p := range r.Predecessors {
		if p.SOPClassUID == SOPClassUID || p.SOPClassUID == EnhancedUID {
			refs = append(refs, reports.Evidence{
				SeriesInstanceUID: p.SeriesInstanceUID, SOPClassUID: p.SOPClassUID, SOPInstanceUID: p.SOPInstanceUID,
			})
		}
	}
	return hierarchical(r.Study.StudyInstanceUID, refs)
}

// request is the item of the Referenced Request Sequence (PS3.3 Table C.17-2):
// the imaging service request this report answers, as the images tell it.
func request(r *reports.Report, c reports.Context) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.StudyInstanceUID, "UI", r.Study.StudyInstanceUID)
	d.SetItems(tag.ReferencedStudySequence)
	d.SetString(tag.AccessionNumber, "SH", r.Study.AccessionNumber)
	for _, t := range []tag.Tag{tag.PlacerOrderNumberImagingServiceRequest, tag.FillerOrderNumberImagingServiceRequest} {
		d.SetString(t, "LO")
	}
	d.SetString(tag.RequestedProcedureID, "SH")
	d.SetString(tag.RequestedProcedureDescription, "LO")
	d.SetItems(tag.RequestedProcedureCodeSequence)
	if c.Source == nil {
		return d
	}
	// What the modality wrote from its worklist, C.7.3.1.1.1; older devices put the
	// same attributes at the top.
	attributes := c.Source.Item(tag.RequestAttributesSequence)
	for _, t := range []tag.Tag{
		tag.PlacerOrderNumberImagingServiceRequest, tag.FillerOrderNumberImagingServiceRequest,
		tag.RequestedProcedureID, tag.RequestedProcedureDescription, tag.RequestedProcedureCodeSequence,
	} {
		switch {
		case len(attributes.Strings(t)) > 0 || len(attributes.Items(t)) > 0:
			d.Set(t, attributes)
		case len(c.Source.Strings(t)) > 0 || len(c.Source.Items(t)) > 0:
			d.Set(t, c.Source)
		}
	}
	return d
}
