package deliver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// pacs is a receiver that notes what came, in which order, on how many associations.
type pacs struct {
	mu           sync.Mutex
	associations map[*ul.Association]bool
	got          []string // SOP Instance UIDs, as they were answered
	now, most    int      // under way
	answer       func(ctx context.Context, p *pacs, r service.StoreRequest) dimse.Status
}

// listen serves p with a window.
func (p *pacs) listen(t *testing.T, window uint16) worklist.Destination {
	t.Helper()
	s, err := service.NewSCP(service.SCPConfig{
		Acceptor:   ul.AcceptorConfig{Config: ul.Config{AETitle: "PACS", Window: window}, Grace: time.Second},
		StoreBegin: p.store,
	})
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, func(ctx context.Context, l net.Listener) { _ = s.Serve(ctx, l) })
}

func (p *pacs) store(_ context.Context, r service.StoreRequest) (rest func(context.Context) dimse.Status, known dimse.Status) {
	if _, err := io.Copy(io.Discard, r.Data); err != nil {
		return nil, dimse.CannotUnderstand
	}
	p.mu.Lock()
	if p.associations == nil {
		p.associations = make(map[*ul.Association]bool)
	}
	p.associations[r.Association] = true
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	return func(ctx context.Context) dimse.Status {
		status := p.answer(ctx, p, r)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.now--
		p.got = append(p.got, r.SOPInstanceUID)
		return status
	}, 0
}

// signed gives a house with an SR and a PDF for a destination of each of some studies,
// all of which are real objects, and its study IDs and UIDs.
func signed(t *testing.T, to worklist.Destination, studies int) (h house, scu *deliver.StoreSCU, ids, uids []string) {
	t.Helper()
	h = newHouse(t)
	worklisttest.Destination(t, h.DB, "kaifu", to.Name, to.AETitle, to.Host, to.Port, "sr,pdf")
	objects := store(t)
	i := storeSR(t, objects)
	for range studies {
		study := uid.New()
		uids, ids = append(uids, study), append(ids, h.sign(study, "1"))
	}
	worklisttest.Exec(t, h.DB, `UPDATE instances SET sop_class_uid = $1, transfer_syntax_uid = $2, object_key = $3 WHERE id IN (SELECT instance_id FROM deliveries)`,
		i.SOPClassUID, i.TransferSyntaxUID, i.ObjectKey)
	return h, &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI"}, ids, uids
}

// Reports of several studies go over one association, side by side as far as its window
// allows, those of one study one after the other.
func TestOneAssociationForAll(t *testing.T) {
	t.Parallel()
	for _, window := range []uint16{1, 3} {
		t.Run(fmt.Sprint("window ", window), func(t *testing.T) {
			t.Parallel()
			full := make(chan struct{})
			p := &pacs{answer: func(ctx context.Context, p *pacs, r service.StoreRequest) dimse.Status {
				p.mu.Lock()
				if p.now == int(window) && len(p.got) == 0 {
					close(full)
				}
				p.mu.Unlock()
				select { // answered when as many are under way as may be
				case <-full:
					return dimse.Success
				case <-ctx.Done():
					return dimse.ProcessingFailure
				}
			}}
			to := p.listen(t, window)
			h, scu, ids, uids := signed(t, to, 4)
			_, stop := h.run(scu, deliver.Options{})
			await(t, "eight deliveries", func() bool {
				return !slices.ContainsFunc(ids, func(id string) bool { return states(h.of(id)) != "PACS pdf delivered, PACS sr delivered" })
			})
			stop()
			if len(p.associations) != 1 || p.most != int(window) || len(p.got) != 8 {
				t.Errorf("%d objects over %d associations, at most %d at once; want 8, 1 and %d", len(p.got), len(p.associations), p.most, window)
			}
			for _, study := range uids {
				sr, pdf := slices.Index(p.got, study+".11"), slices.Index(p.got, study+".12")
				if sr < 0 || pdf < sr {
					t.Errorf("the PDF came before its SR: %v", p.got)
				}
			}
		})
	}
}

// What has to be tried again holds up its study and nobody else's.
func TestTransientRefusalHoldsItsStudy(t *testing.T) {
	t.Parallel()
	bad := ""
	p := &pacs{answer: func(_ context.Context, _ *pacs, r service.StoreRequest) dimse.Status {
		if r.SOPInstanceUID == bad {
			return dimse.OutOfResources
		}
		return dimse.Success
	}}
	to := p.listen(t, 4)
	h, scu, ids, uids := signed(t, to, 3)
	bad = uids[1] + ".11"
	_, stop := h.run(scu, deliver.Options{Shortest: time.Hour, Longest: time.Hour})
	await(t, "two studies", func() bool {
		return states(h.of(ids[0])) == "PACS pdf delivered, PACS sr delivered" && states(h.of(ids[2])) == "PACS pdf delivered, PACS sr delivered" &&
			h.of(ids[1])[0].Attempts == 1 && h.of(ids[1])[0].State == deliver.Pending
	})
	stop()
	if list := h.of(ids[1]); list[1].Attempts != 0 || !strings.Contains(list[0].LastError, "A700") {
		t.Errorf("%+v", list)
	}
	if slices.Contains(p.got, uids[1]+".12") || len(p.associations) != 1 {
		t.Errorf("%v over %d associations", p.got, len(p.associations))
	}
}

// A receiver that does not survive one object gets the others all the same, each of
// them once.
func TestLostAssociation(t *testing.T) {
	t.Parallel()
	poison := ""
	p := &pacs{answer: func(_ context.Context, _ *pacs, r service.StoreRequest) dimse.Status {
		if r.SOPInstanceUID == poison {
			_ = r.Association.Abort(io.ErrUnexpectedEOF) // as a process that dies would
			return dimse.ProcessingFailure
		}
		return dimse.Success
	}}
	to := p.listen(t, 8)
	h, scu, ids, uids := signed(t, to, 4)
	poison = uids[0] + ".11"
	courier, stop := h.run(scu, deliver.Options{Shortest: time.Millisecond, Longest: 20 * time.Millisecond})
	courier.Wake()
	await(t, "three studies", func() bool {
		return !slices.ContainsFunc(ids[1:], func(id string) bool { return states(h.of(id)) != "PACS pdf delivered, PACS sr delivered" })
	})
	stop()
	if got := h.of(ids[0]); got[0].State == deliver.Delivered || got[1].State == deliver.Delivered {
		t.Errorf("the study of the poison: %s", states(got))
	}
}
