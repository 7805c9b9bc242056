package deliver

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"slices"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// voyage is one association that carries a load.
type voyage struct {
	scu    *StoreSCU
	to     worklist.Destination
	load   Load
	secure *tls.Config
	client *service.Client

	open     map[uint16]Cargo // sent and not answered, by Message ID
	accepted []stored         // and to be committed before they are Done
}

// stored is what a receiver has taken, and its answer.
type stored struct {
	Cargo
	receipt string
}

// run ends when nothing may go any more or the association has gone.
func (v *voyage) run(ctx context.Context, first Cargo) {
	if err := v.dial(ctx); err != nil {
		v.load.Done(first, "", errors.Join(err, context.Cause(ctx)))
		return
	}
	v.sail(ctx, first)
	v.client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answers to C-STORE are what counts
	v.commit(ctx)
}

func (v *voyage) dial(ctx context.Context) (err error) {
	s := v.scu
	if v.secure, err = s.Secure.Config(v.to.TLS); err != nil {
		return err
	}
	v.client, err = service.Dial(ctx, v.to.Address(), service.DialOptions{
		CallingAE: s.CallingAE, CalledAE: v.to.AETitle, Contexts: contextsFor(v.load.All()), TLS: v.secure,
		Connect: s.Connect, Response: s.Response, Window: carryWindow, Log: s.Log,
	})
	return err
}

// contextsFor proposes what a load needs, once each, as far as an association has room
// (PS3.8 9.3.2.2). What finds none is refused here, and goes with a later load.
func contextsFor(all []Cargo) []service.Context {
	const most = 128
	type kind struct{ class, syntax string }
	seen := make(map[kind]bool)
	var contexts []service.Context
	for _, c := range all {
		k := kind{c.Instance.SOPClassUID, c.Instance.TransferSyntaxUID}
		if seen[k] {
			continue
		}
		seen[k] = true
		for _, offer := range service.OfferContexts(k.class, k.syntax) {
			known := slices.ContainsFunc(contexts, func(o service.Context) bool {
				return o.AbstractSyntax == offer.AbstractSyntax && slices.Equal(o.TransferSyntaxes, offer.TransferSyntaxes)
			})
			if !known && len(contexts) < most {
				contexts = append(contexts, offer)
			}
		}
	}
	return contexts
}

// sail sends what may go and takes the answers.
func (v *voyage) sail(ctx context.Context, c Cargo) {
	for ok := true; ; c, ok = v.load.Next(ctx) {
		if ok {
			if err := v.begin(ctx, c); err != nil {
				v.load.Done(c, "", errors.Join(err, context.Cause(ctx)))
				if v.client.Association().State() != ul.Sta6 {
					v.lose(ctx, err)
					return
				}
			}
			if len(v.open) < v.client.Window() {
				continue
			}
		}
		if len(v.open) == 0 {
			return
		}
		message, status, err := v.client.Answer(ctx)
		if err != nil {
			v.lose(ctx, err)
			return
		}
		v.answered(message, status)
	}
}

// begin sends an instance and leaves the answer for later.
func (v *voyage) begin(ctx context.Context, c Cargo) error {
	o, err := v.scu.Objects.Open(ctx, c.Instance.ObjectKey)
	if err != nil {
		return &sourceError{err}
	}
	defer o.Close()
	rq, err := storeObject(o, c)
	if err != nil {
		return &sourceError{err}
	}
	message, err := v.client.BeginStore(ctx, rq)
	if err == nil {
		v.open[message] = c
	}
	return err
}

func storeObject(o object.Object, c Cargo) (service.StoreObject, error) {
	meta, skipped, err := stream.ReadMeta(bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 4096))
	if err != nil {
		return service.StoreObject{}, err
	}
	return service.StoreObject{
		SOPClassUID: c.Instance.SOPClassUID, SOPInstanceUID: c.Instance.SOPInstanceUID, TransferSyntaxUID: meta.TransferSyntaxUID,
		Data: io.NewSectionReader(o, skipped, o.Size()-skipped),
	}, nil
}

// answered takes a C-STORE-RSP.
func (v *voyage) answered(message uint16, status dimse.Status) {
	c, receipt := v.open[message], "C-STORE-RSP "+status.String()
	delete(v.open, message)
	switch {
	// 0111: it is there from an attempt whose answer was lost.
	case !status.Stored() && status != dimse.DuplicateSOPInstance:
		v.load.Done(c, "", StatusError(status))
	case v.to.Commit && v.scu.Asker != nil:
		v.accepted = append(v.accepted, stored{c, receipt})
	default:
		v.load.Done(c, receipt, nil)
	}
}

// lose gives up what was not answered when the association went.
func (v *voyage) lose(ctx context.Context, err error) {
	for _, c := range v.open {
		v.load.Done(c, "", errors.Join(err, context.Cause(ctx)))
	}
	clear(v.open)
}

// commit has what was accepted committed.
func (v *voyage) commit(ctx context.Context) {
	if len(v.accepted) == 0 {
		return
	}
	items := make([]commitment.Item, len(v.accepted))
	for n, c := range v.accepted {
		items[n] = commitment.Item{SOPClassUID: c.Instance.SOPClassUID, SOPInstanceUID: c.Instance.SOPInstanceUID}
	}
	for n, err := range v.scu.commit(ctx, v.to, v.secure, items) {
		receipt := ""
		if err == nil {
			receipt = v.accepted[n].receipt + ", committed"
		}
		v.load.Done(v.accepted[n].Cargo, receipt, err)
	}
}
