package notify_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/notify"
	"github.com/dokuei/dokuei/router/performed"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// What a modality says of a step reaches the hospital's other system: made once, set
// as it is then, and again after a refusal or when it was lost there.
func TestForwardedSteps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		const class = uid.ModalityPerformedProcedureStep
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU")
		for name, port := range map[string]int{"dead": 2, "ris": 1, "quiet": 1} {
			worklisttest.Destination(t, d, "kaifu", name, "RIS", "ris", port, "")
		}
		worklisttest.Exec(t, d, `UPDATE destinations SET performed = 1 WHERE name <> 'quiet'`)

		door := ultest.Listen()
		told, answers := make(chan service.NormalizedRequest), make(chan service.NormalizedResponse)
		ris, err := service.NewSCP(service.SCPConfig{
			Normalized: map[string]service.Normalized{class: {Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
				told <- r
				return <-answers
			}}},
			Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "RIS"}, Grace: time.Second, Policy: func(context.Context, ul.Request) ul.Decision { return ul.Decision{Accept: true} }},
		})
		if err != nil {
			t.Fatal(err)
		}
		forwarder := notify.NewForwarder(d, notify.Options{AETitle: "DOKUEI", Shortest: time.Millisecond, Longest: time.Millisecond, Dialer: doors{door}, Log: slog.New(slog.DiscardHandler)})
		desk := performed.New(d, performed.Options{
			Facility: func(any) (string, bool) { return "kaifu", true }, Changed: notify.EnqueueStep, Told: forwarder.Wake,
		})
		run(t, func(ctx context.Context) error { return ris.Serve(ctx, door) })
		run(t, forwarder.Run)

		say := func(command dimse.CommandField, status string) {
			t.Helper()
			d, of, series := dataset.New(), dataset.New(), dataset.New()
			of.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
			d.SetItems(tag.ScheduledStepAttributesSequence, of)
			d.SetString(tag.PerformedProcedureStepID, "SH", "PPS1")
			d.SetString(tag.PerformedProcedureStepStatus, "CS", status)
			if status == "COMPLETED" {
				d.SetString(tag.PerformedProcedureStepEndDate, "DA", "20260706")
				series.SetString(tag.SeriesInstanceUID, "UI", "1.2.3.1")
				d.SetItems(tag.PerformedSeriesSequence, series)
			}
			rsp := desk.Serve(t.Context(), service.NormalizedRequest{
				Association: &ul.Association{CallingAE: "CT"}, Command: command, AbstractSyntax: class, SOPClassUID: class, SOPInstanceUID: "1.9", Data: d,
			})
			if rsp.Status != dimse.Success {
				t.Fatal(rsp.Status, rsp.Comment)
			}
			rsp.Then()
		}
		expect := func(command dimse.CommandField, status string, series int, answer service.NormalizedResponse) {
			t.Helper()
			r := <-told
			if r.Command != command || r.SOPInstanceUID != "1.9" || r.Data.String(tag.PerformedProcedureStepStatus) != status || len(r.Data.Items(tag.PerformedSeriesSequence)) != series {
				t.Errorf("told %s %s %s with %d series", r.Command, r.SOPInstanceUID, r.Data.String(tag.PerformedProcedureStepStatus), len(r.Data.Items(tag.PerformedSeriesSequence)))
			}
			if command == dimse.FieldNSetRQ && r.Data.Has(tag.PerformedProcedureStepID) {
				t.Error("an N-SET of what may not be set")
			}
			answers <- answer
		}
		say(dimse.FieldNCreateRQ, "IN PROGRESS")
		expect(dimse.FieldNCreateRQ, "IN PROGRESS", 0, service.NormalizedResponse{Status: dimse.ProcessingFailure})
		expect(dimse.FieldNCreateRQ, "IN PROGRESS", 0, service.NormalizedResponse{})
		say(dimse.FieldNSetRQ, "COMPLETED")
		expect(dimse.FieldNSetRQ, "COMPLETED", 1, service.NormalizedResponse{Status: dimse.NoSuchSOPInstance})
		expect(dimse.FieldNCreateRQ, "IN PROGRESS", 0, service.NormalizedResponse{Status: dimse.DuplicateSOPInstance})
		expect(dimse.FieldNSetRQ, "COMPLETED", 1, service.NormalizedResponse{Status: dimse.ProcessingFailure, ErrorID: performed.ErrorIDFinal})
	})
}
