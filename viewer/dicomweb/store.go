package dicomweb

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/ingest"
)

const (
	mostParts = 10_000    // instances of one request
	headRead  = 256 << 10 // in which the Study Instance UID of an object must stand
)

// store is STOW-RS (PS3.18 §10.5): each part is stored on its own and answered for
// on its own.
func (s *Server) store(q *Request) error {
	if q.Who.FacilityID == "" {
		return refuse(http.StatusForbidden, "only somebody of a hospital can store: make a token for one")
	}
	study := q.R.PathValue("study")
	if study != "" && !uid.Valid(study) {
		return refuse(http.StatusBadRequest, "the study of the address is not a UID")
	}
	kind, params, err := mime.ParseMediaType(q.R.Header.Get("Content-Type"))
	if err != nil {
		return refuse(http.StatusUnsupportedMediaType, "the body is multipart/related; type=\"application/dicom\"")
	}
	in := Steady(q.W, q.R.Body)
	r := receipt{root: q.root()}
	switch {
	case kind == dicomType:
		s.storePart(q, in, study, &r)
	case kind == "multipart/related" && params["boundary"] != "" && (params["type"] == dicomType || params["type"] == ""):
		if err := s.storeParts(q, multipart.NewReader(in, params["boundary"]), study, &r); err != nil {
			return err
		}
	default:
		return refuse(http.StatusUnsupportedMediaType, "the body is multipart/related; type=\"application/dicom\"")
	}
	return q.json(r.status(), r.model(study))
}

func (s *Server) storeParts(q *Request, parts *multipart.Reader, study string, r *receipt) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && r.parts() > 0 {
			return nil
		}
		if err == nil && r.parts() >= mostParts {
			return refuse(http.StatusRequestEntityTooLarge, "at most %d instances at once; the first ones are stored", mostParts)
		}
		if err != nil {
			// What came before is stored; the client has no answer and sends it again,
			// which changes nothing.
			return refuse(http.StatusBadRequest, "the multipart body is malformed behind part %d", r.parts())
		}
		if kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type")); err != nil || kind != dicomType {
			r.fail("", "", dimse.CannotUnderstand)
			continue
		}
		s.storePart(q, p, study, r)
		if err := q.R.Context().Err(); err != nil {
			return err
		}
	}
}

// storePart stores one object.
func (s *Server) storePart(q *Request, part io.Reader, study string, r *receipt) {
	in := bufio.NewReaderSize(part, headRead)
	m, _, err := stream.ReadMeta(in)
	if err != nil {
		r.fail("", "", dimse.CannotUnderstand)
		return
	}
	class, instance, of := m.MediaStorageSOPClassUID, m.MediaStorageSOPInstanceUID, peek(in, m)
	if study != "" && of != study {
		r.fail(class, instance, dimse.DataSetMismatchesSOPClass)
		return
	}
	_, err = s.Store(q.R.Context(), q.Who.FacilityID, "dicomweb:"+q.Who.UserID, ingest.Meta{SOPClassUID: class, SOPInstanceUID: instance, TransferSyntaxUID: m.TransferSyntaxUID}, in)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			s.Log.WarnContext(q.R.Context(), "instance refused", "facility", q.Who.FacilityID, "by", "STOW-RS", "reason", ingest.Reason(err), "error", err)
		}
		r.fail(class, instance, dimse.Status(ingest.Status(err)))
		return
	}
	r.stored(class, instance, of)
}

// peek finds the Study Instance UID without taking anything from r.
func peek(r *bufio.Reader, m stream.Meta) string {
	head, _ := r.Peek(headRead)                                                                                  //nolint:errcheck // a shorter object is all there
	d, _, _ := dataset.ReadHeader(bytes.NewReader(head), stream.SyntaxFor(m.TransferSyntaxUID), stream.Limits{}) //nolint:errcheck // what was read before the cut
	if d == nil {
		return ""
	}
	return d.String(tag.StudyInstanceUID)
}

// receipt is what became of the parts (PS3.18 §10.5.3).
type receipt struct {
	root      string
	good, bad []any
}

func (r *receipt) parts() int { return len(r.good) + len(r.bad) }

func (r *receipt) entry(class, instance string) model {
	m := model{}
	if class != "" {
		m.set(tag.ReferencedSOPClassUID, "UI", class)
	}
	if instance != "" {
		m.set(tag.ReferencedSOPInstanceUID, "UI", instance)
	}
	return m
}

func (r *receipt) fail(class, instance string, why dimse.Status) {
	m := r.entry(class, instance)
	m.set(tag.FailureReason, "US", int(why))
	r.bad = append(r.bad, m)
}

func (r *receipt) stored(class, instance, study string) {
	m := r.entry(class, instance)
	m.set(tag.RetrieveURL, "UR", r.root+"/studies/"+study)
	r.good = append(r.good, m)
}

func (r *receipt) status() int {
	switch {
	case len(r.bad) == 0:
		return http.StatusOK
	case len(r.good) == 0:
		return http.StatusConflict
	}
	return http.StatusAccepted
}

func (r *receipt) model(study string) model {
	m := model{}
	if study != "" {
		m.set(tag.RetrieveURL, "UR", r.root+"/studies/"+study)
	}
	if len(r.bad) > 0 {
		m.set(tag.FailedSOPSequence, "SQ", r.bad...)
	}
	if len(r.good) > 0 {
		m.set(tag.ReferencedSOPSequence, "SQ", r.good...)
	}
	return m
}
