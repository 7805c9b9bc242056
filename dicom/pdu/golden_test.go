package pdu_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// golden reads a file of hexadecimal with comments.
func golden(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	var digits strings.Builder
	for line := range strings.Lines(string(text)) {
		code, _, _ := strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(code), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

const (
	verification = "1.2.840.10008.1.1"
	ctImage      = "1.2.840.10008.5.1.4.1.1.2"
	implicitLE   = "1.2.840.10008.1.2"
	explicitLE   = "1.2.840.10008.1.2.1"
)

var goldens = []struct {
	name string
	pdu  pdu.PDU
}{
	{"a-associate-rq", &pdu.AssociateRQ{
		Version: 1, CalledAE: "DOKUEI", CallingAE: "KAIFU_CT", ApplicationContext: pdu.ApplicationContextName,
		Contexts: []pdu.PresentationContextRQ{
			{ID: 1, AbstractSyntax: verification, TransferSyntaxes: []string{implicitLE}},
			{ID: 3, AbstractSyntax: ctImage, TransferSyntaxes: []string{explicitLE, "1.2.840.10008.1.2.5.5"}},
		},
		User: pdu.UserInformation{
			MaximumLength: &pdu.MaximumLength{Received: 16384}, ImplementationClassUID: "2.25.42", ImplementationVersionName: "DOKUEI_1",
			AsyncOperationsWindow: &pdu.AsyncOperationsWindow{Invoked: 0, Performed: 1},
			RoleSelections:        []pdu.RoleSelection{{SOPClassUID: ctImage, SCU: true}},
			ExtendedNegotiations:  []pdu.ExtendedNegotiation{{SOPClassUID: ctImage, Information: []byte{2, 0, 3, 0, 0, 0}}},
			CommonExtended: []pdu.CommonExtendedNegotiation{{
				SOPClassUID: "2.25.4.2.1", ServiceClassUID: "1.2.840.10008.4.2", RelatedGeneralSOPClassUIDs: []string{"2.5.1", "2.25.9.9"},
			}},
			UserIdentityRQ: &pdu.UserIdentityRQ{Kind: pdu.IdentityUsernamePasscode, PositiveResponseRequested: true, Primary: []byte("sato"), Secondary: []byte("koto1")},
		},
	}},
	{"a-associate-ac", &pdu.AssociateAC{
		Version: 1, CalledAE: "DOKUEI", CallingAE: "KAIFU_CT", ApplicationContext: pdu.ApplicationContextName,
		Contexts: []pdu.PresentationContextAC{
			{ID: 1, TransferSyntax: implicitLE},
			{ID: 3, Result: pdu.ContextAbstractSyntaxNotSupported},
		},
		User: pdu.UserInformation{
			MaximumLength: &pdu.MaximumLength{Received: 131072}, ImplementationClassUID: "2.25.42",
			UserIdentityAC: &pdu.UserIdentityAC{ServerResponse: []byte("ok!")},
		},
	}},
	{"a-associate-rj", &pdu.AssociateRJ{Result: 2, Source: 3, Reason: 2}},
	{"p-data-tf", &pdu.DataTF{Items: []pdu.PDV{
		{ContextID: 1, Command: true, Last: true, Data: []byte{0xDE, 0xAD, 0xBE, 0xEF}},
		{ContextID: 3, Data: []byte{0xCA, 0xFE}},
	}}},
	{"a-release-rq", &pdu.ReleaseRQ{}},
	{"a-release-rp", &pdu.ReleaseRP{}},
	{"a-abort", &pdu.Abort{Source: pdu.AbortServiceProvider, Reason: pdu.ReasonInvalidParameter}},
}

func decode(b []byte) (pdu.PDU, error) {
	h, err := pdu.DecodeHeader(b)
	if err != nil {
		return nil, err
	}
	return pdu.Decode(h, b[pdu.HeaderLength:])
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			want := golden(t, g.name)
			got, err := decode(want)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, g.pdu) {
				t.Errorf("decoded\n%+v\nwant\n%+v", got, g.pdu)
			}
			encode := g.pdu
			if ac, ok := encode.(*pdu.AssociateAC); ok { // what a refused context carries is not significant, but sent
				ac = &pdu.AssociateAC{Version: ac.Version, CalledAE: ac.CalledAE, CallingAE: ac.CallingAE, ApplicationContext: ac.ApplicationContext, Contexts: []pdu.PresentationContextAC{ac.Contexts[0], ac.Contexts[1]}, User: ac.User}
				ac.Contexts[1].TransferSyntax = implicitLE
				encode = ac
			}
			b, err := encode.Append([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			if b = b[len("before"):]; !bytes.Equal(b, want) {
				t.Errorf("encoded\n%X\nwant\n%X", b, want)
			}
		})
	}
}

// Every prefix of a PDU, with its length field made true, is an error or a
// shorter PDU: never a panic, and the offset is inside.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for _, g := range goldens {
		whole := golden(t, g.name)
		for n := pdu.HeaderLength; n < len(whole); n++ {
			b := bytes.Clone(whole[:n])
			h := pdu.Header{Type: pdu.Type(b[0]), Length: uint32(n - pdu.HeaderLength)}
			_, err := pdu.Decode(h, b[pdu.HeaderLength:])
			if fe, ok := err.(*pdu.FormatError); ok && (fe.Offset < 0 || fe.Offset > n) {
				t.Errorf("%s cut at %d: offset %d", g.name, n, fe.Offset)
			} else if err != nil && !ok {
				t.Errorf("%s cut at %d: %v is no FormatError", g.name, n, err)
			}
		}
	}
}
