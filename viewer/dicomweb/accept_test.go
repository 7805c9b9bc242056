package dicomweb

import (
	"net/http/httptest"
	"slices"
	"testing"
)

// What clients say they take, as they really write it.
func TestAccepted(t *testing.T) {
	t.Parallel()
	octets := choice{multipart: true, kind: octetType, syntax: "*", q: 1}
	for header, want := range map[string][]choice{
		`multipart/related; type="application/octet-stream"; transfer-syntax=*`: {octets},
		// OHIF without quotes, dicomweb-client with.
		`multipart/related; type=application/octet-stream; transfer-syntax=*`: {octets},
		`multipart/related; type=application/octet-stream; transfer-syntax=*, multipart/related; type="image/jphc"; q=0.5`: {
			octets, {multipart: true, kind: "image/jphc", q: 0.5},
		},
		`application/dicom+json`: {{kind: jsonType, q: 1}},
		`nonsense/;;=, */*`:      {{kind: "*/*", q: 1}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", header)
		if got := accepted(r); !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", header, got, want)
		}
	}
}
