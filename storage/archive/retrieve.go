package archive

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// uniqueKeys are all that selects in a retrieval, PS3.4 C.4.2.2.1.
var uniqueKeys = []tag.Tag{tag.PatientID, tag.StudyInstanceUID, tag.SeriesInstanceUID, tag.SOPInstanceUID}

// Select implements service.Retriever.
func (a *Archive) Select(ctx context.Context, q service.Query) ([]service.Selected, error) {
	facility, scope, err := a.scope(q)
	if err != nil {
		return nil, err
	}
	want := catalog.Query{Level: levels[q.Level]}
	for _, t := range uniqueKeys[:levels[q.Level]] {
		if v := q.Identifier.Strings(t); len(v) > 0 {
			want.Keys = append(want.Keys, catalog.Key{Tag: t, Values: v, Exact: true})
		}
	}
	if len(want.Keys) == 0 { // would be everything the hospital has
		return nil, &service.Refusal{Status: dimse.DataSetMismatchesSOPClass, Comment: "no unique key"}
	}
	list, err := catalog.Select(ctx, a.DB.Read(ctx), scope, facility, want, service.MaxSubOperations+1)
	if err != nil {
		return nil, explain(ctx, err)
	}
	if len(list) <= service.MaxSubOperations {
		a.record(ctx, q, facility, list)
	}
	out := make([]service.Selected, len(list))
	for i, one := range list {
		out[i] = service.Selected{
			SOPClassUID: one.SOPClassUID, SOPInstanceUID: one.SOPInstanceUID, TransferSyntaxUID: one.TransferSyntaxUID, Key: one.ObjectKey,
		}
	}
	return out, nil
}

// record writes into the audit trail, before anything is sent, which studies are
// retrieved by whom (PS3.15 A.5.3.5 and A.5.3.6). That it cannot be written keeps
// nobody from their images.
func (a *Archive) record(ctx context.Context, q service.Query, facility string, list []catalog.Instance) {
	count := map[string]int{}
	for _, i := range list {
		count[i.StudyID]++
	}
	if len(count) == 0 {
		return
	}
	what := q.Command.String()
	if q.MoveDestination != "" {
		what += " to " + ul.SafeAE(q.MoveDestination)
	}
	err := a.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, study := range slices.Sorted(maps.Keys(count)) {
			err := audit.Append(ctx, tx, audit.Record{
				Actor: "ae:" + q.Association.CallingAE, Action: "study.retrieved", Object: study, FacilityID: facility,
				Detail: fmt.Sprintf("%s, %d instances", what, count[study]),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && a.Log != nil {
		a.Log.ErrorContext(ctx, "audit record not written", "action", "study.retrieved", "error", err)
	}
}

// Open implements service.Retriever.
func (a *Archive) Open(ctx context.Context, s service.Selected) (io.ReadCloser, string, error) {
	o, err := a.Objects.Open(ctx, s.Key)
	if err != nil {
		return nil, "", err
	}
	meta, skipped, err := stream.ReadMeta(bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 4096))
	if err != nil {
		_ = o.Close() // err is what counts
		return nil, "", err
	}
	return &body{io.NewSectionReader(o, skipped, o.Size()-skipped), o}, meta.TransferSyntaxUID, nil
}

// body is the data set of a stored object.
type body struct {
	*io.SectionReader
	file io.Closer
}

// Close closes the object.
func (b *body) Close() error { return b.file.Close() }

// whole reads decimal numbers; what is none is left out.
func whole(list []string) []int {
	var out []int
	for _, s := range list {
		if n, err := strconv.Atoi(s); err == nil {
			out = append(out, n)
		}
	}
	return out
}
