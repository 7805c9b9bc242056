package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
)

// hospital is what the senders know: where the service is, and what it has
// acknowledged.
type hospital struct {
	mu       sync.Mutex
	addr     string // "": out of reach
	last     bool   // no new studies
	changed  chan struct{}
	acked    map[string][32]byte // SOP Instance UID → hash of the data set sent
	studies  map[string]int      // Study Instance UID → images
	perStart int                 // acknowledged since the last reach
	refused  int                 // answers that were not Success
}

func (h *hospital) reach(addr string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addr, h.perStart = addr, 0
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *hospital) finish() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = true
}

func (h *hospital) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.acked)
}

// await returns after so many acknowledgements, or so long.
func (h *hospital) await(t *testing.T, images int, most time.Duration) {
	t.Helper()
	end := time.After(most)
	for {
		h.mu.Lock()
		n, changed := h.perStart, h.changed
		h.mu.Unlock()
		if n >= images {
			return
		}
		select {
		case <-changed:
		case <-end:
			return
		}
	}
}

// place waits until the service can be reached.
func (h *hospital) place(ctx context.Context) (addr string, err error) {
	for {
		h.mu.Lock()
		addr, changed := h.addr, h.changed
		h.mu.Unlock()
		if addr != "" {
			return addr, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (h *hospital) acknowledged(study, instance string, sum [32]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.acked == nil {
		h.acked, h.studies = map[string][32]byte{}, map[string]int{}
	}
	if _, again := h.acked[instance]; !again {
		h.studies[study]++
	}
	h.acked[instance] = sum
	h.perStart++
	close(h.changed)
	h.changed = make(chan struct{})
}

// work sends study after study; an image without Success is sent again until it
// has one, as a modality does.
func (h *hospital) work(ctx context.Context, rnd *rand.Rand) {
	var scu *service.Client
	defer func() {
		if scu != nil {
			_ = scu.Close(ctx)
		}
	}()
	for ctx.Err() == nil {
		h.mu.Lock()
		last := h.last
		h.mu.Unlock()
		if last {
			return
		}
		study, series := uid.New(), uid.New()
		for n := range 1 + rnd.IntN(30) {
			instance := uid.New()
			data := crashImage(rnd, study, series, instance, n)
			for {
				err := h.store(ctx, &scu, study, instance, data)
				if err == nil {
					break
				}
				if ctx.Err() != nil {
					return
				}
			}
		}
	}
}

var errNoSuccess = errors.New("the answer was not Success")

// store sends one image, over a new association where the last one is gone.
func (h *hospital) store(ctx context.Context, scu **service.Client, study, instance string, data []byte) (err error) {
	defer func() {
		if err != nil && *scu != nil {
			_ = (*scu).Close(ctx)
			*scu = nil
		}
	}()
	addr, err := h.place(ctx)
	if err != nil {
		return err
	}
	if *scu == nil {
		*scu, err = service.Dial(ctx, addr, service.DialOptions{
			CallingAE: "MINAMI_CT", CalledAE: "DOKUEI", Connect: 5 * time.Second,
			Contexts: []service.Context{{AbstractSyntax: crashClass, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
		})
		if err != nil {
			*scu = nil
			return err
		}
	}
	ctx, patience := context.WithTimeout(ctx, 20*time.Second) // a modality does not wait for ever either
	defer patience()
	st, err := (*scu).Store(ctx, service.StoreObject{
		SOPClassUID: crashClass, SOPInstanceUID: instance, TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: bytes.NewReader(data),
	})
	if err != nil {
		return err
	}
	if st != dimse.Success {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.refused++
		return errNoSuccess
	}
	h.acknowledged(study, instance, sha256.Sum256(data))
	return nil
}
