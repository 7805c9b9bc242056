package pdu_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/pdu"
)

func mustAppend(t testing.TB, p pdu.PDU) []byte {
	t.Helper()
	b, err := p.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func request(contexts ...pdu.PresentationContextRQ) *pdu.AssociateRQ {
	return &pdu.AssociateRQ{Version: 1, CalledAE: "A", CallingAE: "B", ApplicationContext: pdu.ApplicationContextName, Contexts: contexts}
}

func TestHostileRequests(t *testing.T) {
	t.Parallel()
	fixed := mustAppend(t, request())[:pdu.HeaderLength+68]
	item := func(parts ...string) []byte { return append(bytes.Clone(fixed), strings.Join(parts, "")...) }
	context := func(id byte, rest string) string {
		return "\x20\x00" + string([]byte{byte((4 + len(rest)) >> 8), byte(4 + len(rest))}) + string([]byte{id, 0, 0, 0}) + rest
	}
	user := func(rest string) string {
		return "\x50\x00" + string([]byte{byte(len(rest) >> 8), byte(len(rest))}) + rest
	}
	var many strings.Builder
	for range 1100 {
		many.WriteString("\x99\x00\x00\x00")
	}
	cases := []struct {
		name string
		src  []byte
		want string // part of the error
	}{
		{"item length lies", item("\x10\x00\xFF\xFFabc"), "says 65535 bytes, 3 left"},
		{"item header cut", item("\x10\x00\x00"), "needs 4 bytes"},
		{"even context", item(context(2, "")), "not odd"},
		{"context twice", item(context(1, ""), context(1, "")), "comes twice"},
		{"context without its fields", item("\x20\x00\x00\x02\x01\x00"), "needs 4 bytes"},
		{"sub-item beyond its item", item(context(1, "\x30\x00\x00\x20x")), "says 32 bytes, 1 left"},
		{"UID too long", item("\x10\x00\x00\x50" + strings.Repeat("1", 80)), "80 characters"},
		{"maximum length of 2", item(user("\x51\x00\x00\x02\x00\x00")), "must be 4"},
		{"window of 3", item(user("\x53\x00\x00\x03\x00\x00\x00")), "must be 4"},
		{"role without roles", item(user("\x54\x00\x00\x03\x00\x01x")), "needs 2 bytes"},
		{"role UID length lies", item(user("\x54\x00\x00\x04\x7F\xFFxx")), "UID-length says 32767"},
		{"identity cut", item(user("\x58\x00\x00\x04\x02\x00\x00\x09")), "primary-field-length says 9"},
		{"1100 sub-items", item(user(many.String())), "more than 1024"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := pdu.Header{Type: pdu.TypeAssociateRQ, Length: uint32(len(c.src) - pdu.HeaderLength)}
			_, err := pdu.Decode(h, c.src[pdu.HeaderLength:])
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestUnknownItemsAreSkipped(t *testing.T) {
	t.Parallel()
	b := append(mustAppend(t, request())[:pdu.HeaderLength+68], "\x99\x00\x00\x03abc\x50\x00\x00\x0D\x98\x00\x00\x01x\x51\x00\x00\x04\x00\x00\x40\x00"...)
	p, err := pdu.Decode(pdu.Header{Type: pdu.TypeAssociateRQ, Length: uint32(len(b) - pdu.HeaderLength)}, b[pdu.HeaderLength:])
	if err != nil {
		t.Fatal(err)
	}
	if m := p.(*pdu.AssociateRQ).User.MaximumLength; m == nil || m.Received != 16384 {
		t.Errorf("the maximum length behind an unknown sub-item was lost: %+v", m)
	}
}

func TestLargestAssociationFits(t *testing.T) {
	t.Parallel()
	rq := request()
	for i := range 128 {
		c := pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: strings.Repeat("1", 64)}
		for range 64 {
			c.TransferSyntaxes = append(c.TransferSyntaxes, strings.Repeat("2", 64))
		}
		rq.Contexts = append(rq.Contexts, c)
	}
	b := mustAppend(t, rq)
	if limit, _ := pdu.TypeAssociateRQ.MaxBody(); uint32(len(b)) > limit {
		t.Fatalf("%d bytes, limit %d", len(b), limit)
	}
	p, err := decode(b)
	if err != nil || len(p.(*pdu.AssociateRQ).Contexts) != 128 {
		t.Fatal(err)
	}
}

func TestPDVHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		length    uint32
		remaining uint32
		ok        bool
	}{
		{2, 6, true}, // an empty fragment is legal
		{0, 6, false},
		{1, 6, false},
		{3, 6, false},
		{10, 14, true},
		{10, 13, false},
		{0xFFFFFFFF, 0xFFFFFFFF, false},
		{0xFFFFFFFB, 0xFFFFFFFF, true},
		{2, 3, false},
	} {
		src := []byte{byte(c.length >> 24), byte(c.length >> 16), byte(c.length >> 8), byte(c.length), 1, 3}
		if _, err := pdu.DecodePDVHeader(src, c.remaining); (err == nil) != c.ok {
			t.Errorf("length %d of %d: %v", c.length, c.remaining, err)
		}
	}
}

func TestNoEncoding(t *testing.T) {
	t.Parallel()
	for _, p := range []*pdu.AssociateRQ{
		{CalledAE: strings.Repeat("A", 17)},
		{ApplicationContext: strings.Repeat("1", 65)},
		{Contexts: []pdu.PresentationContextRQ{{AbstractSyntax: strings.Repeat("1", 65)}}},
		{User: pdu.UserInformation{ImplementationVersionName: strings.Repeat("x", 17)}},
		{User: pdu.UserInformation{UserIdentityRQ: &pdu.UserIdentityRQ{Primary: make([]byte, 70000)}}},
		{User: pdu.UserInformation{ExtendedNegotiations: []pdu.ExtendedNegotiation{{Information: make([]byte, 70000)}}}},
	} {
		if _, err := p.Append(nil); err == nil {
			t.Errorf("%+v: encoded", p)
		}
	}
}

func TestValidAETitle(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"DOKUEI": true, "a b": true, strings.Repeat("x", 16): true,
		"": false, "   ": false, strings.Repeat("x", 17): false, "A\\B": false, "A\x1b[31m": false, "A\r\nB": false, "読影": false,
	} {
		if got := pdu.ValidAETitle(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{pdu.AssociateRJ{Result: 2, Source: 3, Reason: 2}.String(), "rejected for now: local limit exceeded"},
		{pdu.AssociateRJ{Result: 1, Source: 1, Reason: 7}.String(), "rejected permanently: called AE title not recognized"},
		{pdu.Abort{Source: 2, Reason: 2}.String(), "aborted by service provider: unexpected PDU"},
		{fmt.Sprint(pdu.Type(9)), "PDU type 09H"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
