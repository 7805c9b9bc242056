package dicomweb

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
)

// step is an element, and the item of it (from 1) in which the next one is.
type step struct {
	tag  tag.Tag
	item int
}

// pathOf reads tag[/item/tag]….
func pathOf(s string) ([]step, bool) {
	parts := strings.Split(s, "/")
	if len(parts)%2 == 0 || len(parts) > 32 {
		return nil, false
	}
	var out []step
	for n := 0; n < len(parts); n += 2 {
		t, ok := tagOf(parts[n])
		if !ok {
			return nil, false
		}
		one := step{tag: t}
		if n+1 < len(parts) {
			item, err := strconv.ParseUint(parts[n+1], 10, 31)
			if err != nil || item == 0 {
				return nil, false
			}
			one.item = int(item)
		}
		out = append(out, one)
	}
	return out, true
}

// bulkdata answers with one long value (PS3.18 §10.4.1.1.5), streamed.
func (s *Server) bulkdata(q *Request) error {
	path, ok := pathOf(q.R.PathValue("path"))
	if !ok {
		return catalog.ErrNotFound
	}
	i, err := s.one(q)
	if err != nil {
		return err
	}
	// A long value is changed with its whole object only: there is no part of one that
	// says nothing of the rest.
	if _, veiled := q.Scope.Veil(i.FacilityID); veiled {
		return catalog.ErrNotFound
	}
	o, err := s.Objects.Open(q.R.Context(), i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	r, length, err := findValue(io.NewSectionReader(o, 0, o.Size()), path)
	if err != nil {
		return err
	}
	for _, c := range accepted(q.R) {
		if !c.takes(octetType) {
			continue
		}
		if !c.multipart && c.kind != "*/*" {
			q.W.Header().Set("Content-Type", octetType)
			q.W.Header().Set("Cache-Control", "private, no-cache")
			q.patience(length)
			_, _ = io.Copy(q.W, r) // a client that has gone is not told
			return nil
		}
		out := newRelated(q, octetType)
		w, err := out.part(octetType, "", length)
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err == nil {
			err = out.w.Close()
		}
		if err != nil {
			return out.abort(err)
		}
		return nil
	}
	return refuse(http.StatusNotAcceptable, "bulk data come as application/octet-stream")
}
