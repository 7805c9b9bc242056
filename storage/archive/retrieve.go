package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/dokuei/dokuei/dicom/deident"
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
	who, err := a.asker(ctx, q)
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
	list, err := catalog.Select(ctx, a.DB.Read(ctx), who.Scope, who.Facility, want, service.MaxSubOperations+1)
	if err != nil {
		return nil, explain(ctx, err)
	}
	if list, err = unblinded(ctx, who, list); err != nil {
		return nil, err
	}
	if len(list) <= service.MaxSubOperations {
		a.record(ctx, q, list)
	}
	out, profiles := make([]service.Selected, len(list)), map[string]*deident.Profile{}
	for i, one := range list {
		p, known := profiles[one.StudyID]
		if !known && a.Disguise != nil {
			if p, err = a.Disguise(ctx, who.Scope, one.FacilityID, one.StudyID); err != nil {
				return nil, err
			}
			profiles[one.StudyID] = p
		}
		out[i] = service.Selected{
			SOPClassUID: one.SOPClassUID, SOPInstanceUID: one.SOPInstanceUID, TransferSyntaxUID: one.TransferSyntaxUID, Key: one.ObjectKey,
		}
		if p != nil {
			out[i].Change = func(r io.Reader) io.ReadCloser { return disguised(p, r) }
		}
	}
	return out, nil
}

// unblinded leaves out what is kept from the second of two readers.
func unblinded(ctx context.Context, who Asker, list []catalog.Instance) ([]catalog.Instance, error) {
	if who.Blind == nil {
		return list, nil
	}
	out, blind := list[:0], blinds{}
	for _, one := range list {
		kept, err := blind.of(ctx, who, one.StudyID)
		if err != nil {
			return nil, err
		}
		if !kept || one.Origin != catalog.Dokuei {
			out = append(out, one)
		}
	}
	return out, nil
}

// disguised is a Part 10 file as a profile leaves it.
func disguised(p *deident.Profile, r io.Reader) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() { // ends when pr is closed at the latest
		_, err := p.File(pw, r)
		pw.CloseWithError(err)
	}()
	return pr
}

// record writes into the audit trail, before anything is sent, which studies are
// retrieved by whom (PS3.15 A.5.3.5 and A.5.3.6). That it cannot be written keeps
// nobody from their images.
func (a *Archive) record(ctx context.Context, q service.Query, list []catalog.Instance) {
	count, facility := map[string]int{}, map[string]string{}
	for _, i := range list {
		count[i.StudyID]++
		facility[i.StudyID] = i.FacilityID
	}
	if len(count) == 0 {
		return
	}
	what := q.Command.String()
	if q.MoveDestination != "" {
		what += " to " + ul.SafeAE(q.MoveDestination)
	}
	var records []audit.Record
	for _, study := range slices.Sorted(maps.Keys(count)) {
		records = append(records, audit.Record{Action: "study.retrieved", Object: study, FacilityID: facility[study], Detail: fmt.Sprintf("%s, %d instances", what, count[study])})
	}
	a.trail(ctx, q, records...)
}

// trail writes what the peer of a query does into the audit trail.
func (a *Archive) trail(ctx context.Context, q service.Query, records ...audit.Record) {
	err := a.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, r := range records {
			r.Actor = "ae:" + q.Association.CallingAE
			if err := audit.Append(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && a.Log != nil {
		a.Log.ErrorContext(ctx, "audit record not written", "action", records[0].Action, "error", err)
	}
}

// Open implements service.Retriever.
func (a *Archive) Open(ctx context.Context, s service.Selected) (io.ReadCloser, string, error) {
	o, err := a.Objects.Open(ctx, s.Key)
	if err != nil {
		return nil, "", err
	}
	if s.Change != nil {
		changed := s.Change(io.NewSectionReader(o, 0, o.Size()))
		in := bufio.NewReaderSize(changed, 64<<10)
		meta, _, err := stream.ReadMeta(in)
		if err != nil {
			_ = errors.Join(changed.Close(), o.Close()) // err is what counts
			return nil, "", err
		}
		return &disguise{in, changed, o}, meta.TransferSyntaxUID, nil
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

// disguise is the data set of a stored object that is changed on the way.
type disguise struct {
	io.Reader
	changed, file io.Closer
}

// Close ends the change and closes the object.
func (d *disguise) Close() error { return errors.Join(d.changed.Close(), d.file.Close()) }

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
