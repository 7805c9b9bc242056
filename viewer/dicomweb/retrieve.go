package dicomweb

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
)

// objects answers with whole objects as they are kept (PS3.18 §10.4.1.1.1 to .3).
func (s *Server) objects(q *Request) error {
	list, err := s.instances(q)
	if err != nil {
		return err
	}
	for _, c := range accepted(q.R) {
		if !c.takes(dicomType) {
			continue
		}
		studies := byStudy(list)
		for _, id := range slices.Sorted(maps.Keys(studies)) {
			s.Exported(q.R.Context(), q.Who, studies[id])
		}
		if c.kind == dicomType && !c.multipart && len(list) == 1 {
			return s.object(q, list[0])
		}
		return s.related(q, list)
	}
	return refuse(http.StatusNotAcceptable, `objects come as multipart/related; type="application/dicom"`)
}

// byStudy divides instances into those of each study: two hospitals may have sent one.
func byStudy(list []found) map[string][]catalog.Instance {
	out := map[string][]catalog.Instance{}
	for _, i := range list {
		out[i.StudyID] = append(out[i.StudyID], i.Instance)
	}
	return out
}

func (s *Server) related(q *Request, list []found) error {
	out := newRelated(q, dicomType)
	for _, i := range list {
		if err := s.writePart(q, out, i); err != nil {
			return out.abort(err)
		}
	}
	if err := out.w.Close(); err != nil {
		return out.abort(err)
	}
	return nil
}

func (s *Server) writePart(q *Request, out *related, i found) error {
	p, err := q.disguise(s, i)
	if err != nil {
		return err
	}
	o, err := s.Objects.Open(q.R.Context(), i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	if p != nil {
		// Which transfer syntax it will have is known when it is written.
		w, err := out.part(dicomType, "", o.Size())
		if err != nil {
			return err
		}
		return WriteDisguised(w, p, o)
	}
	w, err := out.part(dicomType+"; transfer-syntax="+i.TransferSyntaxUID, "", o.Size())
	if err != nil {
		return err
	}
	_, err = io.Copy(w, object.Seeker(o))
	return err
}

// object answers with one object alone.
func (s *Server) object(q *Request, i found) error {
	p, err := q.disguise(s, i)
	if err != nil {
		return err
	}
	o, err := s.Objects.Open(q.R.Context(), i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	h := q.W.Header()
	if p != nil {
		h.Set("Content-Type", dicomType)
		h.Set("Cache-Control", "private, no-cache")
		q.patience(o.Size())
		return WriteDisguised(q.W, p, o)
	}
	h.Set("Content-Type", dicomType+"; transfer-syntax="+i.TransferSyntaxUID)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+i.SHA256+`"`)
	q.patience(o.Size())
	http.ServeContent(q.W, q.R, "", i.ReceivedAt, object.Seeker(o))
	return nil
}

// metadataLimits keep long values out of memory: they have an address instead.
var metadataLimits = stream.Limits{MaxValueBytes: 64 << 10}

// metadata answers with the headers (PS3.18 §10.4.1.1.5).
func (s *Server) metadata(q *Request) error {
	list, err := s.instances(q)
	if err != nil {
		return err
	}
	if q.prefersXML() {
		return s.metadataXML(q, list)
	}
	q.W.Header().Set("Content-Type", jsonType)
	q.W.Header().Set("Cache-Control", "private, no-cache")
	out := json.NewEncoder(q.W)
	for n, i := range list {
		m, err := s.header(q, i)
		if err != nil && n == 0 {
			return err
		}
		if err == nil {
			_, err = io.WriteString(q.W, map[bool]string{true: "[", false: ","}[n == 0])
		}
		if err == nil {
			err = out.Encode(m)
		}
		if err != nil {
			return (&related{q: q}).abort(err)
		}
	}
	_, _ = io.WriteString(q.W, "]") // a client that has gone is not told
	return nil
}

func (s *Server) metadataXML(q *Request, list []found) error {
	first, err := s.header(q, list[0])
	if err != nil {
		return err
	}
	out := newRelated(q, xmlType)
	for n, i := range list {
		m := first
		if n > 0 {
			m, err = s.header(q, i)
		}
		if err == nil {
			err = out.xml(m)
		}
		if err != nil {
			return out.abort(err)
		}
	}
	if err := out.w.Close(); err != nil {
		return out.abort(err)
	}
	return nil
}

// header is an object without what is long.
func (s *Server) header(q *Request, i found) (model, error) {
	p, err := q.disguise(s, i)
	if err != nil {
		return nil, err
	}
	o, err := s.Objects.Open(q.R.Context(), i.ObjectKey)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	_, d, pixels, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), metadataLimits)
	if err != nil {
		return nil, err
	}
	if p != nil {
		p.Dataset(d)
	}
	at := q.instanceAt(i)
	m := modelOf(d, at+"/bulkdata")
	m.set(tag.AvailableTransferSyntaxUID, "UI", i.TransferSyntaxUID)
	if pixels != nil {
		m[key(pixels.Tag)] = element{VR: "OW", BulkDataURI: at + "/frames"}
	}
	return m, nil
}

// instanceAt is the address of an instance that the path names or contains.
func (q *Request) instanceAt(i found) string {
	return q.root() + "/studies/" + q.R.PathValue("study") + "/series/" + i.series + "/instances/" + i.SOPInstanceUID
}
