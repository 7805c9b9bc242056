package dimse

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

func n(v uint16) *uint16 { return &v }

// messages has one of each kind, all elements set.
var messages = []Message{
	&CEchoRQ{"1.2.840.10008.1.1", 7},
	&CEchoRSP{"1.2.840.10008.1.1", 7, Success, ""},
	&CStoreRQ{"1.2.3", 1, PriorityHigh, "1.2.3.4", "MOVER", n(9)},
	&CStoreRSP{"1.2.3", 1, OutOfResources, []uint32{0x7FE00010}, "disk full", "1.2.3.4"},
	&CFindRQ{"1.2.3", 2, PriorityLow},
	&CFindRSP{"1.2.3", 2, Pending, nil, ""},
	&CGetRQ{"1.2.3", 3, 0},
	&CGetRSP{"1.2.3", 3, Pending, nil, "", SubOperations{n(5), n(1), n(0), n(0)}},
	&CMoveRQ{"1.2.3", 4, "TARGET", 0},
	&CMoveRSP{"1.2.3", 4, MoveDestinationUnknown, nil, "who?", SubOperations{Failed: n(3)}},
	&CCancelRQ{4},
	&NEventReportRQ{"1.2.840.10008.1.20.1", 5, "1.2.840.10008.1.20.1.1", 2},
	&NEventReportRSP{"1.2.840.10008.1.20.1", 5, Success, "", nil, "1.2.840.10008.1.20.1.1", n(2)},
	&NGetRQ{"1.2", 6, "1.3", []uint32{0x00100010, 0x00100020}},
	&NGetRSP{"1.2", 6, NoSuchSOPInstance, "", n(77), "1.3", []uint32{0x00100010}},
	&NSetRQ{"1.2", 8, "1.3"},
	&NSetRSP{"1.2", 8, AttributeListError, "", nil, "1.3", []uint32{0x00400252}},
	&NActionRQ{"1.2", 9, "1.3", 1},
	&NActionRSP{"1.2", 9, Success, "", nil, "1.3", n(1)},
	&NCreateRQ{"1.2", 10, ""},
	&NCreateRSP{"1.2", 10, DuplicateSOPInstance, "", nil, "1.3", nil},
	&NDeleteRQ{"1.2", 11, "1.3"},
	&NDeleteRSP{"1.2", 11, Success, "", nil, "1.3"},
	&UnknownRQ{0x0333, "1.2", 12},
	&UnknownRSP{0x8333, "1.2", 12, UnrecognizedOperation, ""},
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, m := range messages {
		for _, dataSet := range []bool{false, true} {
			b, err := Append(nil, m, dataSet)
			if err != nil {
				t.Fatalf("%v: %v", m.Field(), err)
			}
			got, d, err := Decode(b)
			if err != nil || d != dataSet || !reflect.DeepEqual(got, m) {
				t.Errorf("%v: got %+v, %v, %v", m.Field(), got, d, err)
			}
			inOrder(t, m.Field(), b)
		}
	}
}

// inOrder checks ascending tags, even lengths and the group length (PS3.7 6.3.1).
func inOrder(t *testing.T, f CommandField, b []byte) {
	t.Helper()
	if got := int(b[8]) | int(b[9])<<8; got != len(b)-12 {
		t.Errorf("%v: group length %d of %d", f, got, len(b)-12)
	}
	last := -1
	for pos := 0; pos < len(b); {
		element, size := int(b[pos+2])|int(b[pos+3])<<8, int(b[pos+4])|int(b[pos+5])<<8
		if element <= last || size&1 != 0 {
			t.Errorf("%v: element %04X of %d bytes after %04X", f, element, size, last)
		}
		last = element
		pos += 8 + size
	}
}

// A C-ECHO-RQ to the byte.
func TestEchoGolden(t *testing.T) {
	t.Parallel()
	want := "00000000 04000000 38000000" + // (0000,0000) group length 56
		"00000200 12000000 312E322E3834302E31303030382E312E3100" + // (0000,0002) Verification
		"00000001 02000000 3000" + // (0000,0100) C-ECHO-RQ
		"00001001 02000000 0700" + // (0000,0110) message 7
		"00000008 02000000 0101" // (0000,0800) no data set
	b, err := Append(nil, messages[0], false)
	if err != nil || hex.EncodeToString(b) != strings.ToLower(strings.ReplaceAll(want, " ", "")) {
		t.Errorf("%x, %v", b, err)
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	for _, m := range messages {
		rq, ok := m.(Request)
		if !ok {
			continue
		}
		rsp := rq.Response(ProcessingFailure, strings.Repeat("読", 40))
		if rsp.Field() != rq.Field()|0x8000 {
			t.Errorf("%v answered by %v", rq.Field(), rsp.Field())
		}
		b, err := Append(nil, rsp, false)
		if err != nil {
			t.Errorf("%v: %v", rq.Field(), err)
			continue
		}
		if _, _, err := Decode(b); err != nil {
			t.Errorf("%v: %v", rq.Field(), err)
		}
	}
}

func TestHostileCommands(t *testing.T) {
	t.Parallel()
	echo, err := Append(nil, messages[0], false)
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, with string) string {
		return string(echo[:at]) + with + string(echo[at+len(with):])
	}
	for name, c := range map[string]struct{ src, want string }{
		"empty":              {"", "0100) at byte 0 is missing"},
		"header cut":         {string(echo[:15]), "ends early"},
		"length lies":        {change(16, "\xFF\xFF\xFF\xFF"), "says 4294967295 bytes"},
		"other group":        {change(12, "\x08\x00"), "group 0008"},
		"twice":              {string(echo) + string(echo[:12]), "comes twice"},
		"field of 4 bytes":   {"\x00\x00\x00\x01\x04\x00\x00\x00\x30\x00\x00\x00", "4 bytes, must be 2"},
		"no message ID":      {"\x00\x00\x02\x00\x02\x00\x00\x001\x00\x00\x00\x00\x01\x02\x00\x00\x00\x30\x00\x00\x00\x00\x08\x02\x00\x00\x00\x01\x01", "0110) at byte 0 is missing"},
		"UID of 130":         {"\x00\x00\x02\x00\x82\x00\x00\x00" + strings.Repeat("1", 130) + string(echo[38:]), "130 characters"},
		"more than allowed":  {strings.Repeat("x", MaxCommandLength+1), "65537 bytes"},
		"no data set type":   {string(echo[:len(echo)-10]), "0800) at byte 0 is missing"},
		"tags of 3 bytes":    {"\x00\x00\x00\x01\x02\x00\x00\x00\x20\x80\x00\x00\x20\x01\x02\x00\x00\x00\x01\x00\x00\x00\x00\x08\x02\x00\x00\x00\x01\x01\x00\x00\x00\x09\x02\x00\x00\x00\x00\x00\x00\x00\x01\x09\x03\x00\x00\x00abc", "multiple of 4"},
		"AE of 17":           {"\x00\x00\x02\x00\x02\x00\x00\x001\x00\x00\x00\x00\x01\x02\x00\x00\x00\x21\x00\x00\x00\x10\x01\x02\x00\x00\x00\x01\x00\x00\x00\x00\x06\x12\x00\x00\x00" + strings.Repeat("A", 18) + "\x00\x00\x00\x08\x02\x00\x00\x00\x01\x00", "18 characters, at most 16"},
		"status of 0 length": {"\x00\x00\x00\x01\x02\x00\x00\x00\x30\x80\x00\x00\x20\x01\x02\x00\x00\x00\x01\x00\x00\x00\x00\x08\x02\x00\x00\x00\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00", "0 bytes, must be 2"},
	} {
		if _, _, err := Decode([]byte(c.src)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Peers write a wrong group length, leave it out, or add retired elements.
func TestTolerance(t *testing.T) {
	t.Parallel()
	echo, err := Append(nil, messages[0], false)
	if err != nil {
		t.Fatal(err)
	}
	echo[8] = 99
	for name, src := range map[string]string{
		"wrong group length": string(echo),
		"no group length":    string(echo[12:]),
		"retired elements":   string(echo) + "\x00\x00\x00\x51\x04\x00\x00\x00abcd", // (0000,5100) PS3.7 E.2
		"padded with space":  strings.Replace(string(echo), "10008.1.1\x00", "10008.1.1 ", 1),
	} {
		m, _, err := Decode([]byte(src))
		if err != nil || !reflect.DeepEqual(m, messages[0]) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s         Status
		class     Class
		text      string
		stored    bool
		temporary bool
	}{
		{Success, ClassSuccess, "0000 success", true, false},
		{0xB006, ClassWarning, "B006 warning: elements discarded", true, false},
		{0x0107, ClassWarning, "0107 warning: attribute list error", true, false},
		{0xA700, ClassFailure, "A700 refused: out of resources", false, true},
		{0xA712, ClassFailure, "A712 refused: out of resources", false, true},
		{0xA900, ClassFailure, "A900 error: data set does not match SOP class", false, false},
		{0xC123, ClassFailure, "C123 error: cannot understand", false, false},
		{0x0213, ClassFailure, "0213 resource limitation", false, true},
		{Pending, ClassPending, "FF00 pending", false, false},
		{Cancel, ClassCancel, "FE00 canceled", false, false},
		{0x1234, ClassFailure, "1234", false, false},
	} {
		if c.s.Class() != c.class || c.s.String() != c.text || c.s.Stored() != c.stored || c.s.Temporary() != c.temporary {
			t.Errorf("%v: class %d, stored %v, temporary %v", c.s, c.s.Class(), c.s.Stored(), c.s.Temporary())
		}
	}
}

func TestFieldNames(t *testing.T) {
	t.Parallel()
	for f, want := range map[CommandField]string{
		FieldCStoreRQ: "C-STORE-RQ", FieldNEventReportRSP: "N-EVENT-REPORT-RSP", FieldCCancelRQ: "C-CANCEL-RQ",
		0x8FFF: "command field 8FFFH", 0x1234: "command field 1234H",
	} {
		if f.String() != want {
			t.Errorf("%s, want %s", f, want)
		}
	}
}

// FuzzDecode: no panic, and what was decoded and has an encoding decodes to the
// same again.
func FuzzDecode(f *testing.F) {
	for _, m := range messages {
		b, err := Append(nil, m, true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, dataSet, err := Decode(src)
		if err != nil {
			return
		}
		b, err := Append(nil, m, dataSet)
		if err != nil {
			return // an empty UID: read, not written
		}
		again, d, err := Decode(b)
		if err != nil || d != dataSet {
			t.Fatalf("%+v does not decode again: %v", m, err)
		}
		c, err := Append(nil, again, d)
		if err != nil || string(b) != string(c) {
			t.Fatalf("%x\nbecame\n%x, %v", b, c, err)
		}
	})
}

func BenchmarkDecodeCStoreRQ(b *testing.B) {
	src, err := Append(nil, messages[2], true)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(src); err != nil {
			b.Fatal(err)
		}
	}
}
