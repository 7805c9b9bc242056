package service_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/ul"
)

// A provider that aborts in the middle of a large object: the user learns that
// it was an A-ABORT and from whom, not just that a write failed.
func TestAbortWhileSending(t *testing.T) {
	t.Parallel()
	l := listen(t)
	serve(t, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		_ = r.Association.Abort(errors.New("no room"))
		return dimse.OutOfResources
	}})
	c := call(t, l.Addr().String())
	_, err := c.Store(t.Context(), ct("1.2.3", &pattern{size: 256 << 20}))
	var abort *ul.AbortError
	if !errors.As(err, &abort) || !abort.Remote || abort.Source != pdu.AbortServiceUser {
		t.Errorf("%v", err)
	}
	if _, err := c.Store(t.Context(), ct("1.2.3", &pattern{size: 10})); !errors.Is(err, ul.ErrClosed) && !errors.As(err, &abort) {
		t.Errorf("afterwards: %v", err)
	}
	_ = c.Close(t.Context())
}
