package pdu_test

import (
	"reflect"
	"testing"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// FuzzDecode holds three promises: no panic, what is kept is a small multiple
// of what came, and what was decoded and has an encoding decodes to the same
// again.
func FuzzDecode(f *testing.F) {
	for _, g := range goldens {
		f.Add(golden(f, g.name))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := pdu.DecodeHeader(src)
		if err != nil {
			return
		}
		body := src[pdu.HeaderLength:]
		h.Length = uint32(len(body)) // the caller reads just that much
		p, err := pdu.Decode(h, body)
		if err != nil {
			return
		}
		b, err := p.Append(nil)
		if err != nil {
			return // a text longer than its field: from the wire, not to it
		}
		again, err := decode(b)
		if err != nil {
			t.Fatalf("%+v does not decode again: %v", p, err)
		}
		// What a refused context carries is sent and not read.
		if ac, ok := p.(*pdu.AssociateAC); ok {
			for i := range ac.Contexts {
				if ac.Contexts[i].Result != pdu.ContextAccepted {
					ac.Contexts[i].TransferSyntax = ""
				}
			}
		}
		if !reflect.DeepEqual(normal(again), normal(p)) {
			t.Fatalf("%+v\nbecame\n%+v", p, again)
		}
	})
}

// normal drops the difference between an empty slice and none.
func normal(p pdu.PDU) pdu.PDU {
	user := func(u *pdu.UserInformation) {
		for i := range u.ExtendedNegotiations {
			if len(u.ExtendedNegotiations[i].Information) == 0 {
				u.ExtendedNegotiations[i].Information = nil
			}
		}
		if r := u.UserIdentityRQ; r != nil {
			r.Primary, r.Secondary = append([]byte(nil), r.Primary...), append([]byte(nil), r.Secondary...)
		}
		if r := u.UserIdentityAC; r != nil {
			r.ServerResponse = append([]byte(nil), r.ServerResponse...)
		}
	}
	switch p := p.(type) {
	case *pdu.AssociateRQ:
		user(&p.User)
	case *pdu.AssociateAC:
		user(&p.User)
	}
	return p
}

func BenchmarkDecodeAssociateRQ(b *testing.B) {
	src := golden(b, "a-associate-rq")
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	var p pdu.AssociateRQ
	for b.Loop() {
		if err := p.Decode(src[pdu.HeaderLength:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPDVHeader(b *testing.B) {
	src := golden(b, "p-data-tf")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pdu.DecodePDVHeader(src[pdu.HeaderLength:], 18); err != nil {
			b.Fatal(err)
		}
	}
}
