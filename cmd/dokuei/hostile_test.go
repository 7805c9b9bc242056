package main

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
)

// attack is what one peer sends, from the first byte of the connection on or, when
// associated, behind a good A-ASSOCIATE-AC. Then it says nothing more.
type attack struct {
	name       string
	associated bool
	bytes      []byte
}

// The contexts of an attacker's association, by their place in attackRQ.
const (
	ctExplicit, ctImplicit, ctDeflated, ctJPEGLS, echoing, finding, moving, getting, stepping, committing = 1, 3, 5, 7, 9, 11, 13, 15, 17, 19
)

func attackRQ() *pdu.AssociateRQ {
	rq := &pdu.AssociateRQ{
		Version: pdu.ProtocolVersion, CalledAE: "DOKUEI", CallingAE: "MINAMI_CT", ApplicationContext: pdu.ApplicationContextName,
		User: pdu.UserInformation{
			MaximumLength: &pdu.MaximumLength{Received: 16384}, ImplementationClassUID: "1.2.3", ImplementationVersionName: "HOSTILE",
			AsyncOperationsWindow: &pdu.AsyncOperationsWindow{Invoked: 4, Performed: 1},
		},
	}
	for i, c := range [][2]string{
		{uid.CTImageStorage, uid.ExplicitVRLittleEndian},
		{uid.CTImageStorage, uid.ImplicitVRLittleEndian},
		{uid.CTImageStorage, uid.DeflatedExplicitVRLittleEndian},
		{uid.CTImageStorage, uid.JPEGLSLossless},
		{uid.Verification, uid.ImplicitVRLittleEndian},
		{uid.StudyRootFind, uid.ExplicitVRLittleEndian},
		{uid.StudyRootMove, uid.ExplicitVRLittleEndian},
		{uid.StudyRootGet, uid.ExplicitVRLittleEndian},
		{uid.UPSPush, uid.ExplicitVRLittleEndian},
		{uid.StorageCommitmentPush, uid.ExplicitVRLittleEndian},
	} {
		rq.Contexts = append(rq.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: c[0], TransferSyntaxes: []string{c[1]}})
	}
	return rq
}

func encoded(t testing.TB, p interface{ Append([]byte) ([]byte, error) }) []byte {
	t.Helper()
	b, err := p.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message is a whole message in P-DATA-TFs of its own.
func message(t testing.TB, context byte, m dimse.Message, data []byte) []byte {
	t.Helper()
	command, err := dimse.Append(nil, m, data != nil)
	if err != nil {
		t.Fatal(err)
	}
	out := encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: context, Command: true, Last: true, Data: command}}})
	const most = 100_000
	for data != nil {
		n := min(len(data), most)
		out = append(out, encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: context, Last: n == len(data), Data: data[:n]}}})...)
		if data = data[n:]; len(data) == 0 {
			break
		}
	}
	return out
}

// element is an explicit VR little endian data element with whatever length it says.
func rawElement(group, number uint16, vr string, says uint32, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, group)
	b = binary.LittleEndian.AppendUint16(b, number)
	b = append(b, vr...)
	switch vr {
	case "OB", "OW", "SQ", "UN", "UT", "UC", "OF", "OD":
		b = binary.LittleEndian.AppendUint32(append(b, 0, 0), says)
	default:
		b = binary.LittleEndian.AppendUint16(b, uint16(says))
	}
	return append(b, value...)
}

func good(group, number uint16, vr, value string) []byte {
	if len(value)%2 == 1 {
		value += map[bool]string{true: "\x00", false: " "}[vr == "UI"]
	}
	return rawElement(group, number, vr, uint32(len(value)), []byte(value))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// head is the beginning of a CT image, tail a small image.
func head(instance string) []byte {
	return join(good(8, 0x16, "UI", uid.CTImageStorage), good(8, 0x18, "UI", instance), good(0x10, 0x10, "PN", "A^B"), good(0x10, 0x20, "LO", "1"),
		good(0x20, 0xD, "UI", "1.2.3.4"), good(0x20, 0xE, "UI", "1.2.3.4.5"))
}

func us(group, number uint16, v uint16) []byte {
	return rawElement(group, number, "US", 2, binary.LittleEndian.AppendUint16(nil, v))
}

func pixels(rows, columns uint16, data []byte) []byte {
	return join(us(0x28, 2, 1), good(0x28, 4, "CS", "MONOCHROME2"), us(0x28, 0x10, rows), us(0x28, 0x11, columns), us(0x28, 0x100, 16), us(0x28, 0x101, 16),
		us(0x28, 0x102, 15), us(0x28, 0x103, 0), rawElement(0x7FE0, 0x10, "OW", uint32(len(data)), data))
}

// bombs are data sets that want more than they have.
func bombs(t testing.TB) map[string][]byte {
	t.Helper()
	small := pixels(2, 2, make([]byte, 8))
	out := map[string][]byte{}
	for _, says := range []uint32{0, 1, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF} {
		for _, vr := range []string{"OB", "OW", "SQ", "UN", "UT"} {
			out[fmt.Sprintf("%s of %d bytes", vr, says)] = join(head("1.2.3.4.5.6"), rawElement(0x42, 0x11, vr, says, make([]byte, 8)), small)
			out[fmt.Sprintf("pixels as %s of %d bytes", vr, says)] = join(head("1.2.3.4.5.6"), us(0x28, 0x10, 2), us(0x28, 0x11, 2), rawElement(0x7FE0, 0x10, vr, says, make([]byte, 8)))
		}
		for _, vr := range []string{"PN", "UI", "US", "IS", "DS", "AT", "FD", "XX", "\x00\x00", "??"} {
			out[fmt.Sprintf("%q of %d bytes", vr, says&0xFFFF)] = join(head("1.2.3.4.5.6"), rawElement(0x42, 0x11, vr, says, []byte("abcdefgh")), small)
		}
	}
	for _, depth := range []int{10, 100, 10_000, 200_000} {
		var deep []byte
		for range depth {
			deep = append(deep, rawElement(0x40, 0xA730, "SQ", 0xFFFFFFFF, []byte{0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF})...)
		}
		out[fmt.Sprintf("%d sequences in one another", depth)] = join(head("1.2.3.4.5.6"), deep)
	}
	many := bytes.Repeat(good(0x42, 0x11, "LO", "x"), 300_000)
	out["elements of one tag"] = join(head("1.2.3.4.5.6"), many)
	out["empty items"] = join(head("1.2.3.4.5.6"), rawElement(0x40, 0xA730, "SQ", 0xFFFFFFFF, bytes.Repeat([]byte{0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0}, 500_000)))
	out["fragments of nothing"] = join(head("1.2.3.4.5.6"), us(0x28, 0x10, 2), us(0x28, 0x11, 2),
		rawElement(0x7FE0, 0x10, "OB", 0xFFFFFFFF, bytes.Repeat([]byte{0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0}, 500_000)))
	out["frames without number"] = join(head("1.2.3.4.5.6"), good(0x28, 8, "IS", "2147483647"), pixels(65535, 65535, make([]byte, 64)))
	out["frames below nothing"] = join(head("1.2.3.4.5.6"), good(0x28, 8, "IS", "-1"), small)
	out["a UID that is a path"] = join(head("../../../../etc/passwd"), small)
	out["a UID of 1000 digits"] = join(head("1."+string(bytes.Repeat([]byte("1"), 1000))), small)
	out["a UID of NULs"] = join(head("\x00\x00\x00\x00"), small)
	out["no UID at all"] = small
	out["nothing"] = []byte{}
	out["noise"] = bytes.Repeat([]byte{0xA5, 0x5A, 0xFF, 0x00, 0x13}, 20_000)
	out["a group length that lies"] = join(rawElement(8, 0, "UL", 4, []byte{0xFF, 0xFF, 0xFF, 0xFF}), head("1.2.3.4.5.6"), small)
	out["tags backwards"] = join(small, head("1.2.3.4.5.6"))
	out["a name of escapes"] = join(good(8, 5, "CS", `\ISO 2022 IR 87`), head("1.2.3.4.5.6"), good(0x10, 0x10, "PN", string(bytes.Repeat([]byte("\x1b$B\x1b(J\x1b"), 5000))), small)
	out["a character set of nonsense"] = join(good(8, 5, "CS", `ISO_IR 999\\\\\\\x`), head("1.2.3.4.5.6"), small)
	return out
}

// deflated makes a data set larger than it is.
func deflated(t testing.TB, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(join(head("1.2.3.4.5.6"), rawElement(0x42, 0x11, "OB", uint32(size), nil)))
	zeros := make([]byte, 1<<20)
	for n := 0; n < size && err == nil; n += len(zeros) {
		_, err = w.Write(zeros)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// attacks are all of them.
func attacks(t testing.TB) (list []attack) {
	t.Helper()
	add := func(associated bool, b []byte, name string, args ...any) {
		list = append(list, attack{fmt.Sprintf(name, args...), associated, b})
	}
	rq := encoded(t, attackRQ())
	with := func(at int, b ...byte) []byte {
		out := bytes.Clone(rq)
		copy(out[at:], b)
		return out
	}

	// The request: cut at each byte, its lengths, its kinds.
	for n := range rq {
		add(false, rq[:n], "request cut after %d bytes", n)
	}
	for kind := range 256 {
		if kind != 1 {
			add(false, with(0, byte(kind)), "request as PDU %02X", kind)
		}
	}
	for _, n := range []uint32{0, 1, 5, 67, 68, 69, uint32(len(rq)) - 7, uint32(len(rq)) - 5, 1 << 20, 1<<20 + 1, 0x7FFFFFFF, 0xFFFFFFFF} {
		add(false, with(2, binary.BigEndian.AppendUint32(nil, n)...), "request that says %d bytes", n)
	}
	for at := 74; at+4 <= len(rq); { // every item, and those within, by their headers
		n := int(binary.BigEndian.Uint16(rq[at+2:]))
		for _, says := range []uint16{0, 1, uint16(n) - 1, uint16(n) + 1, 0x7FFF, 0xFFFF} {
			add(false, with(at+2, binary.BigEndian.AppendUint16(nil, says)...), "item %02X at %d that says %d bytes", rq[at], at, says)
		}
		for _, kind := range []byte{0, 0x10, 0x20, 0x21, 0x30, 0x40, 0x50, 0x51, 0x58, 0xFF} {
			add(false, with(at, kind), "item %02X at %d as %02X", rq[at], at, kind)
		}
		switch rq[at] {
		case 0x20:
			at += 8 // into the context
		case 0x50:
			at += 4
		default:
			at += 4 + n
		}
	}
	add(false, join(rq, rq), "two requests")
	add(false, bytes.Repeat([]byte{0}, 1<<20), "a mebibyte of zeros")
	add(false, []byte("GET / HTTP/1.1\r\nHost: dokuei\r\n\r\n"), "HTTP")
	add(false, []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3}, "TLS")

	// A message: cut at each byte, in fragments that lie.
	store := &dimse.CStoreRQ{AffectedSOPClassUID: uid.CTImageStorage, MessageID: 1, AffectedSOPInstanceUID: "1.2.3.4.5.6"}
	image := join(head("1.2.3.4.5.6"), pixels(2, 2, make([]byte, 8)))
	whole := message(t, ctExplicit, store, image)
	for n := range whole {
		add(true, whole[:n], "message cut after %d bytes", n)
	}
	for _, n := range []uint32{0, 1, 2, 3, 5, 0x20000, 0x20010, 0x7FFFFFFF, 0xFFFFFFFF} {
		at := bytes.Clone(whole)
		binary.BigEndian.PutUint32(at[2:], n)
		add(true, at, "P-DATA-TF that says %d bytes", n)
		at = bytes.Clone(whole)
		binary.BigEndian.PutUint32(at[6:], n)
		add(true, at, "PDV that says %d bytes", n)
	}
	for _, id := range []byte{0, 2, 21, 255} {
		at := bytes.Clone(whole)
		at[10] = id
		add(true, at, "context %d", id)
	}
	for control := range 16 {
		at := bytes.Clone(whole)
		at[11] = byte(control)
		add(true, at, "message control header %d", control)
	}
	for name, b := range map[string][]byte{
		"a second request": rq, "an answer": encoded(t, &pdu.AssociateAC{Version: 1, CalledAE: "A", CallingAE: "B", ApplicationContext: pdu.ApplicationContextName}),
		"a refusal":     encoded(t, &pdu.AssociateRJ{Result: 1, Source: 1, Reason: 1}),
		"a release":     encoded(t, &pdu.ReleaseRQ{}),
		"two releases":  join(encoded(t, &pdu.ReleaseRQ{}), encoded(t, &pdu.ReleaseRQ{})),
		"its answer":    encoded(t, &pdu.ReleaseRP{}),
		"an abort":      encoded(t, &pdu.Abort{}),
		"a ninth kind":  {9, 0, 0, 0, 0, 0},
		"a cut release": {5, 0, 0, 0, 0, 4, 0},
	} {
		add(true, b, "%s", name)
		add(true, join(whole[:len(whole)/2], b), "%s inside a message", name)
	}

	// Commands that lie.
	command, err := dimse.Append(nil, store, true)
	if err != nil {
		t.Fatal(err)
	}
	in := func(b []byte) []byte {
		return join(encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: ctExplicit, Command: true, Last: true, Data: b}}}),
			encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: ctExplicit, Last: true, Data: image}}}))
	}
	for n := range command {
		add(true, in(command[:n]), "command cut after %d bytes", n)
	}
	for at := 0; at+8 <= len(command); at += 8 + int(binary.LittleEndian.Uint32(command[at+4:])) {
		for _, says := range []uint32{0, 1, 3, 0x7FFF, 0x7FFFFFFF, 0xFFFFFFFF} {
			b := bytes.Clone(command)
			binary.LittleEndian.PutUint32(b[at+4:], says)
			add(true, in(b), "command element at %d that says %d bytes", at, says)
		}
		b := bytes.Clone(command)
		b[at+1] = 8
		add(true, in(b), "element of a data set at %d of a command", at)
	}
	for _, field := range []uint16{0, 1, 0x10, 0x20, 0x21, 0x30, 0x100, 0x110, 0x120, 0x130, 0x140, 0x150, 0xFFF, 0x7777, 0x8001, 0x8020, 0x8030, 0x8100, 0x8110, 0x8130, 0x8140, 0xFFFF} {
		for _, context := range []byte{ctExplicit, echoing, finding, moving, getting, stepping, committing} {
			b := bytes.Clone(command)
			at := bytes.Index(b, []byte{0, 0, 0, 1, 2, 0, 0, 0})
			binary.LittleEndian.PutUint16(b[at+8:], field)
			add(true, join(encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: context, Command: true, Last: true, Data: b}}}),
				encoded(t, &pdu.DataTF{Items: []pdu.PDV{{ContextID: context, Last: true, Data: image}}})), "command %04X on context %d", field, context)
		}
	}

	// Data sets, to whoever reads one.
	for name, b := range bombs(t) {
		add(true, message(t, ctExplicit, store, b), "C-STORE of %s", name)
		add(true, message(t, ctImplicit, store, b), "C-STORE, implicit, of %s", name)
		add(true, message(t, ctJPEGLS, store, b), "C-STORE, JPEG-LS, of %s", name)
		add(true, message(t, finding, &dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: 1}, b), "C-FIND by %s", name)
		add(true, message(t, getting, &dimse.CGetRQ{AffectedSOPClassUID: uid.StudyRootGet, MessageID: 1}, b), "C-GET by %s", name)
		add(true, message(t, moving, &dimse.CMoveRQ{AffectedSOPClassUID: uid.StudyRootMove, MessageID: 1, MoveDestination: "NOWHERE"}, b), "C-MOVE by %s", name)
		add(true, message(t, stepping, &dimse.NCreateRQ{AffectedSOPClassUID: uid.UPSPush, MessageID: 1, AffectedSOPInstanceUID: "1.2.3"}, b), "N-CREATE of %s", name)
		add(true, message(t, committing, &dimse.NActionRQ{RequestedSOPClassUID: uid.StorageCommitmentPush, MessageID: 1, RequestedSOPInstanceUID: uid.StorageCommitmentPushInstance, ActionTypeID: 1}, b), "N-ACTION of %s", name)
	}
	for _, size := range []int{1 << 20, 64 << 20, 1 << 30} {
		add(true, message(t, ctDeflated, store, deflated(t, size)), "C-STORE of %d bytes, deflated", size)
	}
	return list
}

// strike runs one attack to the end of its connection, which is the server's to bring.
func strike(addr string, rq []byte, a attack) error {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if a.associated {
		var b [6]byte
		if _, err := conn.Write(rq); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, b[:]); err != nil || b[0] != byte(pdu.TypeAssociateAC) {
			return fmt.Errorf("no association: PDU %02X, %w", b[0], err)
		}
		if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(b[2:]))); err != nil {
			return err
		}
	}
	var answers sync.WaitGroup
	var ended error
	answers.Go(func() { _, ended = io.Copy(io.Discard, conn) })
	_, _ = conn.Write(a.bytes) // cut off is as good as taken
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	answers.Wait()
	if e, ok := ended.(net.Error); ok && e.Timeout() { //nolint:errorlint // of Copy, unwrapped
		return fmt.Errorf("the connection was not ended: %w", ended)
	}
	return nil
}

// Some two thousand peers, each with another lie. None brings the server down, makes it
// large or keeps an honest one waiting.
func TestHostilePeers(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	rq := encoded(t, attackRQ())
	echo := func() { // a new one each time: one that waits for slow attacks is idle itself
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		honest := s.associate(t, "MINAMI_CT", uid.Verification)
		defer func() { _ = honest.Close(ctx) }()
		if status, err := honest.Echo(ctx); err != nil || status != dimse.Success {
			t.Fatalf("an honest peer: %s, %v", status, err)
		}
	}
	list := attacks(t)
	queue := make(chan attack)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for a := range queue {
				if err := strike(s.DICOM, rq, a); err != nil {
					t.Errorf("%s: %v", a.name, err)
				}
			}
		})
	}
	for i, a := range list {
		if i%100 == 0 {
			echo()
		}
		queue <- a
	}
	close(queue)
	workers.Wait()
	echo()
	t.Logf("%d attacks", len(list))
	s.within(t, 400<<20)
	dir, _ := slices(t, 2)
	mustRun(t, "send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume")
}
