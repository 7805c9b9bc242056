package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/db"
)

// fhirBundle is a Bundle of FHIR R4 as it is posted, 3.1.0.11.
type fhirBundle struct {
	ResourceType string        `json:"resourceType"`
	Type         string        `json:"type"`
	Entry        []bundleEntry `json:"entry"`
}

type bundleEntry struct {
	FullURL  string          `json:"fullUrl"`
	Resource json.RawMessage `json:"resource"`
	Request  struct {
		Method      string `json:"method"`
		URL         string `json:"url"`
		IfNoneExist string `json:"ifNoneExist"`
	} `json:"request"`

	kind, id string
}

// beside finds what the entries of a bundle refer to: by full URL, or by type and ID.
func (b fhirBundle) beside(reference string) json.RawMessage {
	for _, e := range b.Entry {
		if e.FullURL != "" && (e.FullURL == reference || strings.HasSuffix(e.FullURL, "/"+reference)) || e.id != "" && reference == e.kind+"/"+e.id {
			return e.Resource
		}
	}
	return nil
}

// wish is what an entry asks for; ok is false when it only is there to be referred to.
func (e bundleEntry) wish(b fhirBundle, n int) (in fhirWish, ok bool, err error) {
	if e.kind != "ServiceRequest" {
		return in, false, nil
	}
	in = fhirWish{method: e.Request.Method, resource: e.Resource, beside: b.beside, condition: e.Request.IfNoneExist}
	path, search, _ := strings.Cut(e.Request.URL, "?")
	kind, id, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case kind != "ServiceRequest", in.method == http.MethodPost && id != "":
		return in, false, errBadRequest.with(fmt.Sprintf("entry[%d].request.url does not name a ServiceRequest", n))
	case in.method == http.MethodPost:
		return in, true, nil
	case in.method == http.MethodPut && db.ValidID(id):
		in.id = id
		return in, true, nil
	case in.method == http.MethodPut && search != "":
		in.condition = search
		return in, true, nil
	case in.method == http.MethodPut && id != "": // an ID of the hospital's own: its identifiers name the order
		return in, true, nil
	}
	return in, false, errBadRequest.with(fmt.Sprintf("entry[%d].request is neither POST nor PUT of a ServiceRequest", n))
}

// fhirBundle takes a transaction, all of it or nothing, or a batch, each by itself.
// Patients and practitioners are read where orders refer to them, and not kept by themselves.
func (s *server) fhirBundle(c *call) error {
	raw, err := c.readFHIR()
	if err != nil {
		return err
	}
	var b fhirBundle
	if json.Unmarshal(raw, &b) != nil || b.ResourceType != "Bundle" || b.Type != "transaction" && b.Type != "batch" {
		return errBadRequest.with("the body is a Bundle of type transaction or batch")
	}
	if len(b.Entry) > maxEntries {
		return errTooLarge.with(fmt.Sprintf("A bundle has at most %d entries.", maxEntries))
	}
	for i := range b.Entry {
		var head struct {
			ResourceType string `json:"resourceType"`
			ID           string `json:"id"`
		}
		if json.Unmarshal(b.Entry[i].Resource, &head) != nil {
			return errBadRequest.with(fmt.Sprintf("entry[%d].resource is not a resource", i))
		}
		b.Entry[i].kind, b.Entry[i].id = head.ResourceType, head.ID
	}
	answers := make([]any, len(b.Entry))
	take := func(ctx context.Context, tx db.Tx, n int) error {
		answers[n] = entryAnswer(http.StatusOK, "", orders.Issue("information", "informational", "Read where orders refer to it; not kept by itself.", ""))
		in, ok, err := b.Entry[n].wish(b, n)
		if err != nil || !ok {
			return err
		}
		f, err := c.hospital(ctx, tx, "")
		if err != nil {
			return err
		}
		out, err := c.perform(ctx, tx, f, in, db.Now())
		if err != nil {
			return err
		}
		if answers[n] = entryAnswer(out.status, "", nil); out.order.ID != "" {
			answers[n] = entryAnswer(out.status, out.location(), nil)
		}
		return nil
	}
	if b.Type == "transaction" {
		err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
			for n := range b.Entry {
				if err := take(ctx, tx, n); err != nil {
					return err
				}
			}
			return nil
		})
	} else {
		for n := range b.Entry {
			failed := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return take(ctx, tx, n) })
			if failed != nil {
				p, known := problemOf(failed)
				if !known {
					s.Log.ErrorContext(c.r.Context(), "request failed", "route", c.r.Pattern, "error", failed)
				}
				answers[n] = entryAnswer(p.Status, "", orders.Issue("error", "processing", strings.TrimSpace(p.Title+" "+p.Detail), ""))
			}
		}
	}
	if err != nil {
		return err
	}
	return c.fhir(http.StatusOK, map[string]any{"resourceType": "Bundle", "type": b.Type + "-response", "entry": answers})
}

func entryAnswer(status int, location string, outcome any) map[string]any {
	r := map[string]any{"status": fmt.Sprintf("%d %s", status, http.StatusText(status))}
	if location != "" {
		r["location"] = location
	}
	if outcome != nil {
		r["outcome"] = outcome
	}
	return map[string]any{"response": r}
}
