package service_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// A destination with a window gets instances ahead of its answers; one that it does
// not survive, or refuses, costs no other.
func TestMoveWindow(t *testing.T) {
	const window, count = 4, 12
	for name, c := range map[string]struct {
		window uint16
		waits  bool // answers when as many as may be are under way
		dies   bool
		says   dimse.Status
		told   string
	}{
		"as agreed":      {window: window, waits: true, told: "- 12 0 0"},
		"without":        {window: 1, waits: true, told: "- 12 0 0"},
		"one it dies of": {window: window, dies: true, told: "- 11 1 0"},
		"one it refuses": {window: window, says: dimse.CannotUnderstand, told: "- 11 1 0"},
		"one it knows":   {window: window, says: dimse.DuplicateSOPInstance, told: "- 11 0 1"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				l, sink := ultest.Listen(), ultest.Listen()
				var mu sync.Mutex
				open, most, full := 0, 0, make(chan struct{})
				got := map[string]bool{}
				cfg := service.SCPConfig{StoreBegin: func(_ context.Context, r service.StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
					if _, err := io.Copy(io.Discard, r.Data); err != nil {
						return nil, dimse.CannotUnderstand
					}
					if c.dies && r.SOPInstanceUID == "1.2.6" { // who reads an association ends it
						_ = r.Association.Abort(errors.New("no"))
						return nil, dimse.CannotUnderstand
					}
					mu.Lock()
					defer mu.Unlock()
					if open++; open > most {
						if most = open; most == int(c.window) {
							close(full)
						}
					}
					return func(ctx context.Context) dimse.Status {
						if c.waits { // until as many as may be are under way
							select {
							case <-full:
							case <-ctx.Done():
							}
						}
						mu.Lock()
						open--
						mu.Unlock()
						if r.SOPInstanceUID == "1.2.6" && c.says != dimse.Success {
							return c.says
						}
						mu.Lock()
						defer mu.Unlock()
						got[r.SOPInstanceUID] = true
						return dimse.Success
					}, 0
				}}
				cfg.Acceptor.Window = c.window
				serve(t, sink, cfg)
				s := &shelf{}
				for i := range count {
					s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
				}
				serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(context.Context, service.Query, string) (service.Destination, bool, error) {
					return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
				}})
				k := ask(t, l, nil, service.Context{uid.StudyRootMove, implicit})
				rsp, failed := k.move(11, "SINK", identifier("STUDY", tag.StudyInstanceUID, "1.2"))
				last := rsp[len(rsp)-1]
				if told(last.SubOperations) != c.told || len(rsp) != count {
					t.Errorf("%s in %d responses", told(last.SubOperations), len(rsp))
				}
				if failed != nil && !slices.Equal(failed.Strings(tag.FailedSOPInstanceUIDList), []string{"1.2.6"}) {
					t.Errorf("failed: %v", failed.Strings(tag.FailedSOPInstanceUIDList))
				}
				if c.waits && (most != int(c.window) || len(got) != count) {
					t.Errorf("%d at once, %d there", most, len(got))
				}
				k.release()
			})
		})
	}
}
