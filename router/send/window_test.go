package send_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/send"
)

// A peer that agrees to a window gets files ahead of its answers; one file that it
// does not survive costs no other file, and one it refuses for good only itself.
func TestWindow(t *testing.T) {
	const window, files = 4, 24
	for name, c := range map[string]struct {
		ours   uint16
		most   int
		waits  bool // answers when as many as may be are under way
		dies   bool
		says   dimse.Status
		failed int
	}{
		"as agreed":            {ours: window, most: window, waits: true},
		"not asked for":        {ours: 1, most: 1, waits: true},
		"one the peer dies of": {ours: window, most: window, dies: true, failed: 1},
		"one the peer refuses": {ours: window, most: window, says: dimse.CannotUnderstand, failed: 1},
		"one without room":     {ours: window, most: window, says: dimse.OutOfResources, failed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				dir := t.TempDir()
				for i := range files {
					object(t, filepath.Join(dir, fmt.Sprint(10+i)), fmt.Sprint("2.25.1.", i), uid.ExplicitVRLittleEndian)
				}
				var mu sync.Mutex
				var open, most int
				var reached sync.Once
				got, full := map[string]int{}, make(chan struct{})
				begin := func(_ context.Context, r service.StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
					if _, err := io.Copy(io.Discard, r.Data); err != nil {
						return nil, dimse.CannotUnderstand
					}
					if c.dies && r.SOPInstanceUID == "2.25.1.7" { // who reads an association ends it
						_ = r.Association.Abort(errors.New("no"))
						return nil, dimse.CannotUnderstand
					}
					mu.Lock()
					open++
					most = max(most, open)
					if open == c.most && c.waits {
						reached.Do(func() { close(full) })
					}
					mu.Unlock()
					return func(ctx context.Context) dimse.Status {
						if c.waits {
							select { // until as many as may be are under way
							case <-full:
							case <-ctx.Done():
							}
						}
						mu.Lock()
						open--
						mu.Unlock()
						if r.SOPInstanceUID == "2.25.1.7" && c.says != dimse.Success {
							return c.says
						}
						mu.Lock()
						defer mu.Unlock()
						got[r.SOPInstanceUID]++
						return dimse.Success
					}, 0
				}
				l := ultest.Listen()
				scp, err := service.NewSCP(service.SCPConfig{StoreBegin: begin, Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "PACS", Window: window}}})
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(context.Background())
				ended := make(chan error, 1)
				go func() { ended <- scp.Serve(ctx, l) }()
				defer func() { stop(); <-ended }()
				o := options(l)
				o.Associations, o.Window = 1, c.ours
				r, err := send.Run(t.Context(), []string{dir}, o)
				if err != nil || r.Sent != files-c.failed || len(r.Failed) != c.failed || len(got) != files-c.failed {
					t.Fatalf("%+v, %v, %d there", r, err, len(got))
				}
				if c.waits && most != c.most {
					t.Errorf("%d at once, want %d", most, c.most)
				}
			})
		})
	}
}

// A run that is stopped gives back what is under way: it is not told as sent.
func TestWindowStopped(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		for i := range 12 {
			object(t, filepath.Join(dir, fmt.Sprint(10+i)), fmt.Sprint("2.25.1.", i), uid.ExplicitVRLittleEndian)
		}
		running, cancel := context.WithCancel(t.Context())
		begin := func(_ context.Context, r service.StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
			_, _ = io.Copy(io.Discard, r.Data)
			if r.SOPInstanceUID == "2.25.1.5" {
				cancel()
			}
			return func(ctx context.Context) dimse.Status { <-ctx.Done(); return dimse.OutOfResources }, 0
		}
		l := ultest.Listen()
		scp, err := service.NewSCP(service.SCPConfig{StoreBegin: begin, Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "PACS", Window: 8}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- scp.Serve(ctx, l) }()
		defer func() { stop(); <-ended }()
		o := options(l)
		o.Associations = 1
		r, err := send.Run(running, []string{dir}, o)
		if !errors.Is(err, context.Canceled) || r.Sent != 0 || r.Unsent != 12 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
