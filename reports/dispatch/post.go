package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/router/deliver"
)

// notice says that there is a version, and nothing of whom it is about.
func notice(r *reports.Report) ([]byte, error) {
	return json.Marshal(struct {
		Event    string       `json:"event"`
		Hospital string       `json:"hospital"`
		Report   string       `json:"report"`
		Version  int          `json:"version"`
		Kind     reports.Kind `json:"kind"`
		SignedAt time.Time    `json:"signedAt"`
		Critical bool         `json:"critical"`
		SHA256   string       `json:"sha256"`
	}{"report.signed", r.Facility.ID, r.ID, r.Version, r.Kind, r.SignedAt, r.Marks.Critical != nil, r.ContentHash})
}

// post sends by POST and takes 2xx for taken.
func (s *Dispatcher) post(ctx context.Context, u *url.URL, body []byte, kind string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return "", &deliver.RefusalError{Reason: "the address of the destination is no URL", Permanent: true}
	}
	req.Header.Set("Content-Type", "application/json")
	if kind == deliver.FHIR {
		req.Header.Set("Content-Type", fhir.MediaType)
		req.Header.Set("Accept", fhir.MediaType)
	}
	req.Header.Set("User-Agent", s.Sender)
	client := s.client()
	res, err := client.Do(req)
	if err != nil {
		return "", errOf(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)); err != nil {
		return "", fmt.Errorf("dispatch: answer: %w", err)
	}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return fmt.Sprintf("HTTP %d", code), nil
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return "", &deliver.RefusalError{Reason: fmt.Sprintf("the receiver cannot take it now: HTTP %d", code)}
	default:
		return "", &deliver.RefusalError{Reason: fmt.Sprintf("the receiver refused the request: HTTP %d", code), Permanent: true}
	}
}
