package service

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
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

// ErrOdd is a data set of an odd number of bytes, which no message can carry
// (PS3.8 Annex E.1), and which cannot be rewritten either.
var ErrOdd = errors.New("service: data set of odd length in a compressed transfer syntax")

// Send is Store for an object in whatever transfer syntax it is kept: it goes
// in the first of its Offers that the peer accepted, rewritten on the way when
// that is another or when values of odd length have to be padded.
func (c *Client) Send(ctx context.Context, o StoreObject) (dimse.Status, error) {
	o, release, err := convert(o, func(ts string) bool { return c.Accepts(o.SOPClassUID, ts) })
	if err != nil {
		return 0, err
	}
	defer release()
	return c.Store(ctx, o)
}

// beginning is how much is decoded before a message begins: a CT or MR image whole.
const beginning = 1 << 20

// begun decodes the beginning of r. A message that has begun can only be aborted,
// with the association; what cannot be decoded is better found out before.
func begun(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, beginning)
	if _, err := b.Peek(beginning); err != nil && err != io.EOF {
		return nil, err
	}
	return b, nil
}

// convert turns o into the first of its Offers that is accepted; when none is,
// o stays. release lets go of what rewrites.
func convert(o StoreObject, accepted func(ts string) bool) (_ StoreObject, release func(), err error) {
	kept := o.TransferSyntaxUID
	sized, ok := o.Data.(interface{ Size() int64 })
	odd := ok && sized.Size()%2 == 1
	ts, _ := uid.LookupTransferSyntax(kept)
	for _, to := range Offers(kept) {
		if !accepted(to) {
			continue
		}
		switch {
		case to == kept && !odd:
			return o, func() {}, nil
		case to == kept && ts.Deflated: // PS3.5 A.5
			o.Data = io.MultiReader(o.Data, bytes.NewReader([]byte{0}))
			return o, func() {}, nil
		case transcode.Possible(kept, to):
			r := transcode.Reader(o.Data, kept, to, stream.Limits{})
			release = func() { _ = r.Close() } // a pipe: cannot fail
			o.Data, o.TransferSyntaxUID = r, to
			if ts.Encapsulated {
				if o.Data, err = begun(r); err != nil {
					release()
					return o, func() {}, &ul.SourceError{Err: err}
				}
			}
			return o, release, nil
		case odd:
			err = ErrOdd
		}
	}
	return o, func() {}, err
}
