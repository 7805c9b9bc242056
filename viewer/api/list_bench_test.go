package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dokuei/dokuei/reports/reportstest"
)

// BenchmarkWorklist is a full page of the reader's list, from handler to bytes.
func BenchmarkWorklist(b *testing.B) {
	h := open(b, nil)
	for i := range 120 {
		h.SendStudy(b, "kaifu", fmt.Sprint("KF-", i), 1)
	}
	secret, _, err := h.gate.SignIn(b.Context(), "sato", reportstest.Password, "192.0.2.1")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/worklist?limit=100", nil)
		r.AddCookie(&http.Cookie{Name: "dokuei_session", Value: secret})
		w := httptest.NewRecorder()
		h.API.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		b.SetBytes(int64(w.Body.Len()))
	}
}
