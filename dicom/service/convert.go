package service

import (
	"context"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Offers are the transfer syntaxes an object that is kept in ts can be sent in,
// the one to prefer first: as it is, else rewritten; explicit keeps the VRs,
// implicit every peer takes (PS3.5 10.1).
func Offers(ts string) []string {
	list := []string{ts}
	for _, to := range []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian} {
		if to != ts && transcode.Possible(ts, to) {
			list = append(list, to)
		}
	}
	return list
}

// OfferContexts proposes a class of objects kept in ts: one context for each
// transfer syntax, so that the peer cannot choose the fallback where it would
// take the object as it is.
func OfferContexts(sopClassUID, ts string) []Context {
	var list []Context
	for _, to := range Offers(ts) {
		list = append(list, Context{AbstractSyntax: sopClassUID, TransferSyntaxes: []string{to}})
	}
	return list
}

// Send is Store for an object in whatever transfer syntax it is kept: it goes
// in the first of its Offers that the peer accepted, rewritten on the way when
// that is another.
func (c *Client) Send(ctx context.Context, o StoreObject) (dimse.Status, error) {
	o, release := convert(o, func(ts string) bool { return c.Accepts(o.SOPClassUID, ts) })
	defer release()
	return c.Store(ctx, o)
}

// convert turns o into the first of its Offers that is accepted; when none is,
// o stays. release lets go of what rewrites.
func convert(o StoreObject, accepted func(ts string) bool) (StoreObject, func()) {
	for _, to := range Offers(o.TransferSyntaxUID) {
		if !accepted(to) {
			continue
		}
		if to == o.TransferSyntaxUID {
			break
		}
		r := transcode.Reader(o.Data, o.TransferSyntaxUID, to, stream.Limits{})
		o.Data, o.TransferSyntaxUID = r, to
		return o, func() { _ = r.Close() } // a pipe: cannot fail
	}
	return o, func() {}
}
