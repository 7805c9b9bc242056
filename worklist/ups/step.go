package ups

import (
	"context"
	"errors"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// builder makes steps of items.
type builder struct {
	retrieveAE string
	series     []catalog.Series // of the one study; nil: only the study is named

	panels  map[string]worklist.Panel
	readers map[string]identity.User
	// Of the item looked at last:
	replaced worklist.Entry   // zero: it replaces none
	kept     *dataset.Dataset // beyond the rows
	name     string           // the UID the caller knows it by
	veiled   bool             // the caller may not know the patient: no free text
}

// look reads what the item points to, once for each panel and reader.
func (b *builder) look(ctx context.Context, tx db.Tx, scope identity.Scope, e worklist.Entry) error {
	if b.panels == nil {
		b.panels, b.readers = map[string]worklist.Panel{}, map[string]identity.User{}
	}
	if _, ok := b.panels[e.PanelID]; !ok && e.PanelID != "" {
		p, err := worklist.PanelByID(ctx, tx, e.PanelID)
		if err != nil && !errors.Is(err, worklist.ErrNotFound) {
			return err
		}
		b.panels[e.PanelID] = p
	}
	for _, id := range meant(e) {
		if _, ok := b.readers[id]; ok {
			continue
		}
		u, err := identity.UserByID(ctx, tx, id)
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			return err
		}
		b.readers[id] = u
	}
	var err error
	if b.name, err = worklist.StepName(ctx, tx, scope, e.SOPInstanceUID); err != nil {
		return err
	}
	text, err := worklist.StepAttributes(ctx, tx, e.SOPInstanceUID)
	if err != nil {
		return err
	}
	if _, b.veiled = scope.Veil(e.FacilityID); b.veiled {
		text = "" // what the hospital has written there is for those who may know the patient
	}
	if b.kept, err = kept(text); err != nil {
		return err
	}
	b.replaced = worklist.Entry{}
	if e.Replaces == "" {
		return nil
	}
	if b.replaced, err = worklist.Get(ctx, tx, scope, e.Replaces); errors.Is(err, worklist.ErrNotFound) {
		return nil // it was on a panel the caller does not sit on
	}
	if err == nil {
		b.replaced.SOPInstanceUID, err = worklist.StepName(ctx, tx, scope, b.replaced.SOPInstanceUID)
	}
	return err
}

// step is the attributes of a step, PS3.4 Table CC.2.5-3. The Transaction UID is
// not one of them: it is the key of the holder.
func (b *builder) step(e worklist.Entry) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.UPSPush)
	d.SetString(tag.SOPInstanceUID, "UI", b.name)
	b.scheduled(d, e)
	b.relationship(d, e)
	b.progress(d, e)
	if e.State == worklist.InProgress || e.State == worklist.Completed {
		d.SetItems(tag.UnifiedProcedureStepPerformedProcedureSequence, b.performed(e))
	} else {
		d.SetItems(tag.UnifiedProcedureStepPerformedProcedureSequence)
	}
	overlay(d, b.kept, e)
	return d
}

// scheduled is the module of PS3.3 C.30.2.
func (b *builder) scheduled(d *dataset.Dataset, e worklist.Entry) {
	d.SetString(tag.ScheduledProcedureStepPriority, "CS", e.Priority.UPS())
	d.SetString(tag.ProcedureStepLabel, "LO", label(e.Workitem))
	d.SetString(tag.WorklistLabel, "LO", b.panels[e.PanelID].Name)
	d.SetItems(tag.ScheduledProcessingParametersSequence)
	d.SetItems(tag.ScheduledStationNameCodeSequence)
	d.SetItems(tag.ScheduledStationClassCodeSequence)
	d.SetItems(tag.ScheduledStationGeographicLocationCodeSequence)
	d.SetString(tag.ScheduledProcedureStepStartDateTime, "DT", instant(e.CreatedAt))
	d.SetString(tag.ExpectedCompletionDateTime, "DT", instant(e.Deadline))
	d.SetItems(tag.ScheduledWorkitemCodeSequence, workitemCode(e.Workitem))
	d.SetString(tag.InputReadinessState, "CS", string(e.Readiness))
	d.SetItems(tag.InputInformationSequence, b.input(e)...)
	d.SetItems(tag.ScheduledHumanPerformersSequence, b.performers(e)...)
}

// relationship is the module of PS3.3 C.30.4, with the patient.
func (b *builder) relationship(d *dataset.Dataset, e worklist.Entry) {
	s := e.Study
	d.SetString(tag.PatientName, "PN", s.Patient.Name)
	d.SetString(tag.PatientID, "LO", s.Patient.PatientID)
	if s.Patient.Issuer != "" {
		d.SetString(tag.IssuerOfPatientID, "LO", s.Patient.Issuer)
	}
	d.SetString(tag.PatientBirthDate, "DA", s.Patient.BirthDate)
	d.SetString(tag.PatientSex, "CS", s.Patient.Sex)
	d.SetString(tag.StudyInstanceUID, "UI", s.StudyInstanceUID)
	rq := dataset.New()
	rq.SetString(tag.StudyInstanceUID, "UI", s.StudyInstanceUID)
	rq.SetString(tag.AccessionNumber, "SH", s.AccessionNumber)
	rq.SetString(tag.RequestedProcedureDescription, "LO", s.Description)
	rq.SetString(tag.ReferringPhysicianName, "PN", s.ReferringPhysician)
	d.SetItems(tag.ReferencedRequestSequence, rq)
	if b.replaced.SOPInstanceUID != "" {
		r := dataset.New()
		r.SetString(tag.ReferencedSOPClassUID, "UI", uid.UPSPush)
		r.SetString(tag.ReferencedSOPInstanceUID, "UI", b.replaced.SOPInstanceUID)
		d.SetItems(tag.ReplacedProcedureStepSequence, r)
	}
}

// progress is the module of PS3.3 C.30.1.
func (b *builder) progress(d *dataset.Dataset, e worklist.Entry) {
	d.SetString(tag.ProcedureStepState, "CS", string(e.State))
	if e.State != worklist.Canceled {
		d.SetItems(tag.ProcedureStepProgressInformationSequence)
		return
	}
	p := dataset.New()
	p.SetString(tag.ProcedureStepCancellationDateTime, "DT", instant(e.CanceledAt))
	if e.CancelReason != "" && !b.veiled {
		p.SetString(tag.ReasonForCancellation, "LT", e.CancelReason)
	}
	p.SetItems(tag.ProcedureStepDiscontinuationReasonCodeSequence, discontinued(e))
	d.SetItems(tag.ProcedureStepProgressInformationSequence, p)
}

// performed is the module of PS3.3 C.30.3.
func (b *builder) performed(e worklist.Entry) *dataset.Dataset {
	p := dataset.New()
	if list := b.performers(e); len(list) > 0 {
		p.SetItems(tag.ActualHumanPerformersSequence, list...)
	}
	p.SetString(tag.PerformedProcedureStepStartDateTime, "DT", instant(e.ClaimedAt))
	p.SetItems(tag.PerformedWorkitemCodeSequence, workitemCode(e.Workitem))
	var out []*dataset.Dataset
	if e.State == worklist.Completed {
		p.SetString(tag.PerformedProcedureStepEndDateTime, "DT", instant(e.CompletedAt))
		out = b.references(e, catalog.Dokuei)
	}
	p.SetItems(tag.OutputInformationSequence, out...)
	return p
}

// input names the images to read: the study, or each of its series.
func (b *builder) input(e worklist.Entry) []*dataset.Dataset {
	if list := b.references(e, catalog.Received); len(list) > 0 {
		return list
	}
	if e.ID == "" {
		return nil // the images are still to come
	}
	d := b.reference(e.Study)
	d.SetItems(tag.ReferencedSOPSequence)
	return []*dataset.Dataset{d}
}

// references is an item for each series of an origin, PS3.3 Table 10-3b.
func (b *builder) references(e worklist.Entry, origin catalog.Origin) (list []*dataset.Dataset) {
	for _, s := range b.series {
		if s.Origin != origin {
			continue
		}
		d := b.reference(e.Study)
		d.SetString(tag.SeriesInstanceUID, "UI", s.SeriesInstanceUID)
		var refs []*dataset.Dataset
		for _, i := range s.Instances {
			r := dataset.New()
			r.SetString(tag.ReferencedSOPClassUID, "UI", i.SOPClassUID)
			r.SetString(tag.ReferencedSOPInstanceUID, "UI", i.SOPInstanceUID)
			refs = append(refs, r)
		}
		d.SetItems(tag.ReferencedSOPSequence, refs...)
		list = append(list, d)
	}
	return list
}

func (b *builder) reference(s catalog.Study) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.TypeOfInstances, "CS", "DICOM")
	d.SetString(tag.StudyInstanceUID, "UI", s.StudyInstanceUID)
	from := dataset.New()
	from.SetString(tag.RetrieveAETitle, "AE", b.retrieveAE)
	d.SetItems(tag.DICOMRetrievalSequence, from)
	return d
}

// meant are the users who hold, or held, a step, or to whom alone it is offered.
func meant(e worklist.Entry) []string {
	switch {
	case e.State != worklist.Scheduled && e.ClaimedBy != "":
		return []string{e.ClaimedBy}
	case e.State != worklist.Scheduled || e.Offer.Main == "" || e.Offer.Reached == worklist.ToPanel:
		return nil
	case e.Offer.Reached == worklist.ToDeputy:
		return []string{e.Offer.Main, e.Offer.Deputy}
	}
	return []string{e.Offer.Main}
}

// performers are those of meant.
func (b *builder) performers(e worklist.Entry) (list []*dataset.Dataset) {
	for _, id := range meant(e) {
		u := b.readers[id]
		if u.ID == "" {
			continue
		}
		d := dataset.New()
		d.SetString(tag.HumanPerformerName, "PN", u.Name)
		d.SetItems(tag.HumanPerformerCodeSequence, code(u.Login, "99DOKUEI", u.Name))
		list = append(list, d)
	}
	return list
}

// labels are the meanings of PS3.16 CID 9231.
var labels = map[string]string{"110005": "Interpretation", "110007": "Report Verification", "128001": "Add Addendum"}

func label(w worklist.Workitem) string { return labels[w.Code()] }

// workitemCode is a code of PS3.16 CID 9231.
func workitemCode(w worklist.Workitem) *dataset.Dataset { return code(w.Code(), "DCM", label(w)) }

// discontinued is why a canceled step ended, PS3.16 CID 9300: another was scheduled in
// its place, or nobody has said.
func discontinued(e worklist.Entry) *dataset.Dataset {
	if e.ReplacedBy != "" {
		return code("110528", "DCM", "Discontinued Procedure Step rescheduled")
	}
	return code("110513", "DCM", "Discontinued for unspecified reason")
}

func code(value, scheme, meaning string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.CodeValue, "SH", clip(value, 16))
	d.SetString(tag.CodingSchemeDesignator, "SH", scheme)
	d.SetString(tag.CodeMeaning, "LO", clip(meaning, 64))
	return d
}

// clip keeps to the longest value a VR allows, in characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// instant is a DT with its offset from UTC; empty for a time that is not yet.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("20060102150405+0000")
}
