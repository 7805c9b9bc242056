package deliver_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/internal/freeport"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

const basicTextSR = "1.2.840.10008.5.1.4.1.1.88.11"

// storeSR writes a small report into a store and returns its row.
func storeSR(t testing.TB, objects object.Store) catalog.Instance {
	t.Helper()
	d := dataset.New()
	i := catalog.Instance{SOPClassUID: basicTextSR, SOPInstanceUID: uid.New(), TransferSyntaxUID: uid.ExplicitVRLittleEndian, ObjectKey: "kaifu/report.dcm"}
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", i.SOPClassUID)
	d.SetString(tag.SOPInstanceUID, "UI", i.SOPInstanceUID)
	d.SetString(tag.StudyInstanceUID, "UI", uid.New())
	d.SetString(tag.SeriesInstanceUID, "UI", uid.New())
	d.SetString(tag.Modality, "CS", "SR")
	d.SetString(tag.PatientName, "PN", "YAMADA^TARO=山田^太郎")
	ts, _ := uid.LookupTransferSyntax(i.TransferSyntaxUID)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	p, err := objects.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(t.Context(), i.ObjectKey); err != nil {
		t.Fatal(err)
	}
	return i
}

func store(t testing.TB) object.Store {
	t.Helper()
	s, err := fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listen serves connections on a free port until the end of the test.
func listen(t testing.TB, serve func(ctx context.Context, l net.Listener)) worklist.Destination {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); serve(ctx, l) }()
	t.Cleanup(func() { cancel(); _ = l.Close(); <-done })
	return worklist.Destination{Name: "PACS", AETitle: "PACS", Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Active: true}
}

// scp is a receiver of our own that answers with a status.
func scp(t testing.TB, cfg ul.AcceptorConfig, handler service.StoreHandler) worklist.Destination {
	t.Helper()
	cfg.AETitle = "PACS"
	cfg.Grace = time.Second
	s, err := service.NewSCP(service.SCPConfig{Acceptor: cfg, Store: handler})
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, func(ctx context.Context, l net.Listener) { _ = s.Serve(ctx, l) })
}

// implicitOnly is an acceptor that knows the default transfer syntax and nothing else.
func implicitOnly(t testing.TB, got *bytes.Buffer) worklist.Destination {
	t.Helper()
	a, err := ul.NewAcceptor(ul.AcceptorConfig{
		Config: ul.Config{AETitle: "PACS"}, Grace: time.Second,
		Negotiate: func(rq *pdu.AssociateRQ) ul.Answer {
			var answer ul.Answer
			for _, c := range rq.Contexts {
				ac := pdu.PresentationContextAC{ID: c.ID, Result: pdu.ContextTransferSyntaxesNotSupported, TransferSyntax: uid.ImplicitVRLittleEndian}
				if len(c.TransferSyntaxes) == 1 && c.TransferSyntaxes[0] == uid.ImplicitVRLittleEndian {
					ac.Result = pdu.ContextAccepted
				}
				answer.Contexts = append(answer.Contexts, ac)
			}
			return answer
		},
		Serve: func(_ context.Context, a *ul.Association) error {
			conn := dimse.NewConn(a)
			in, err := conn.Receive()
			if err != nil {
				return err
			}
			rq := in.Message.(*dimse.CStoreRQ)
			if _, err := got.ReadFrom(in.Data); err != nil {
				return err
			}
			rsp := &dimse.CStoreRSP{MessageIDBeingRespondedTo: rq.MessageID, AffectedSOPClassUID: rq.AffectedSOPClassUID, AffectedSOPInstanceUID: rq.AffectedSOPInstanceUID}
			if err := conn.Send(in.Context.ID, rsp, nil); err != nil {
				return err
			}
			_, err = conn.Receive()
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, func(ctx context.Context, l net.Listener) { _ = a.Serve(ctx, l) })
}

// single is a load of one instance.
type single struct {
	cargo deliver.Cargo
	begun bool
	err   error
}

func (l *single) All() []deliver.Cargo { return []deliver.Cargo{l.cargo} }

func (l *single) Next(context.Context) (deliver.Cargo, bool) {
	again := l.begun
	l.begun = true
	return l.cargo, !again
}

func (l *single) Done(_ deliver.Cargo, _ string, err error) { l.err = err }

// carry takes one instance to a destination.
func carry(ctx context.Context, by deliver.Carrier, to worklist.Destination, i catalog.Instance) error {
	l := &single{cargo: deliver.Cargo{Instance: i}, err: errors.New("never done")}
	by.Carry(ctx, to, l)
	return l.err
}

func TestCarry(t *testing.T) {
	t.Parallel()
	objects := store(t)
	i := storeSR(t, objects)
	send := func(to worklist.Destination) error {
		s := &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI", Connect: time.Second, Response: time.Second}
		return carry(t.Context(), s, to, i)
	}
	answering := func(status dimse.Status) worklist.Destination {
		return scp(t, ul.AcceptorConfig{}, func(_ context.Context, r service.StoreRequest) dimse.Status {
			if _, err := io.Copy(io.Discard, r.Data); err != nil {
				return dimse.CannotUnderstand
			}
			return status
		})
	}
	var sent []byte
	good := scp(t, ul.AcceptorConfig{}, func(_ context.Context, r service.StoreRequest) dimse.Status {
		sent, _ = io.ReadAll(r.Data)
		return dimse.Success
	})
	if err := send(good); err != nil {
		t.Fatal(err)
	}
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if d, err := dataset.Read(bytes.NewReader(sent), ts, stream.Limits{}); err != nil || d.String(tag.SOPInstanceUID) != i.SOPInstanceUID {
		t.Errorf("received: %v", err)
	}
	for _, c := range []struct {
		name string
		to   worklist.Destination
		want string // in the reason; empty: accepted
	}{
		{"warning", answering(0xB000), ""},
		{"duplicate", answering(dimse.DuplicateSOPInstance), ""},
		{"out of resources", answering(dimse.OutOfResources), "A700"},
		{"cannot understand", answering(dimse.CannotUnderstand), "C000"},
		{"unknown caller", scp(t, ul.AcceptorConfig{Policy: func(context.Context, ul.Request) ul.Decision { return ul.Decision{Reject: ul.RejectCallingAE} }}, nil), "refused the association"},
		{"no such kind", scp(t, ul.AcceptorConfig{}, nil), "does not accept objects of the kind Basic Text SR"},
		{"silent after connect", listen(t, func(ctx context.Context, l net.Listener) {
			c, err := l.Accept()
			if err == nil {
				<-ctx.Done()
				_ = c.Close()
			}
		}), "does not answer"},
		{"hangs up", listen(t, func(_ context.Context, l net.Listener) {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_ = c.Close()
			}
		}), "closed the connection"},
		{"never answers C-STORE", scp(t, ul.AcceptorConfig{}, func(ctx context.Context, r service.StoreRequest) dimse.Status {
			<-ctx.Done()
			return dimse.ProcessingFailure
		}), "stopped answering"},
		{"nobody there", worklist.Destination{AETitle: "PACS", Host: "127.0.0.1", Port: freeport.For(t)}, "connection refused"},
		{"no such host", worklist.Destination{AETitle: "PACS", Host: "pacs.invalid", Port: 104}, "host name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := send(c.to)
			reason := ""
			if err != nil {
				reason = deliver.Reason(err)
			}
			if (c.want == "") != (err == nil) || !strings.Contains(reason, c.want) {
				t.Errorf("%v: %q, want %q", err, reason, c.want)
			}
		})
	}
}

func TestReencodesForOldReceivers(t *testing.T) {
	t.Parallel()
	objects := store(t)
	i := storeSR(t, objects)
	var got bytes.Buffer
	to := implicitOnly(t, &got)
	s := &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI"}
	if err := carry(t.Context(), s, to, i); err != nil {
		t.Fatal(err)
	}
	ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	d, err := dataset.Read(bytes.NewReader(got.Bytes()), ts, stream.Limits{})
	if err != nil || d.String(tag.PatientName) != "YAMADA^TARO=山田^太郎" || d.String(tag.SOPInstanceUID) != i.SOPInstanceUID {
		t.Errorf("%v, %q", err, d.String(tag.PatientName))
	}
}

func TestMissingObject(t *testing.T) {
	t.Parallel()
	s := &deliver.StoreSCU{Objects: store(t), CallingAE: "DOKUEI"}
	err := carry(t.Context(), s, scp(t, ul.AcceptorConfig{}, nil), catalog.Instance{ObjectKey: "kaifu/none.dcm"})
	if err == nil || deliver.Reason(err) != "the stored object is missing here" {
		t.Errorf("%v", err)
	}
}

// TestStorescp delivers to DCMTK's storescp, which is started after the
// report was signed: the delivery waits for it, and the file arrives whole.
func TestStorescp(t *testing.T) {
	t.Parallel()
	binary, err := exec.LookPath("storescp")
	if err != nil {
		t.Skip("DCMTK's storescp is not installed: the delivery to a foreign receiver is not tried")
	}
	h := newHouse(t)
	port := freeport.For(t)
	worklisttest.Destination(t, h.DB, "kaifu", "PACS", "PACS", "127.0.0.1", port, "sr,pdf")
	objects := store(t)
	i := storeSR(t, objects)
	studyID := h.sign(uid.New(), "1")
	worklisttest.Exec(t, h.DB, `UPDATE instances SET sop_class_uid = $1, sop_instance_uid = $2, transfer_syntax_uid = $3, object_key = $4
 WHERE id = (SELECT instance_id FROM deliveries WHERE object = 'sr')`, i.SOPClassUID, i.SOPInstanceUID, i.TransferSyntaxUID, i.ObjectKey)
	worklisttest.Exec(t, h.DB, `DELETE FROM deliveries WHERE object = 'pdf'`)

	failed, delivered := make(chan struct{}, 1), make(chan struct{}, 1)
	watched := &watch{Carrier: &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI", Connect: 5 * time.Second}, failed: failed, delivered: delivered}
	courier, stop := h.run(watched, deliver.Options{Shortest: time.Hour, Longest: time.Hour})
	defer stop()
	wait := func(ch chan struct{}, what string) {
		t.Helper()
		select {
		case <-ch:
		case <-time.After(time.Minute):
			t.Fatal("waited too long for " + what)
		}
	}
	wait(failed, "an attempt without a receiver")

	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), binary, "--aetitle", "PACS", "--output-directory", dir, strconv.Itoa(port))
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	await(t, "storescp to listen and the first attempt to be written down", func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return false
		}
		_ = c.Close()
		return h.of(studyID)[0].State == deliver.Pending
	})
	retry(t, h, courier, studyID)
	wait(delivered, "the delivery")
	await(t, "the delivery to be written down", func() bool { return h.of(studyID)[0].State == deliver.Delivered })
	files, err := filepath.Glob(filepath.Join(dir, "*"+i.SOPInstanceUID))
	if err != nil || len(files) != 1 {
		t.Errorf("received files: %v, %v", files, err)
	}
}

// await looks again and again until something is so.
func await(t testing.TB, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatal("waited too long for " + what)
		case <-tick.C:
		}
	}
}

// watch tells how each attempt ended.
type watch struct {
	deliver.Carrier
	failed, delivered chan struct{}
	once              sync.Once
}

func (w *watch) Carry(ctx context.Context, to worklist.Destination, load deliver.Load) {
	w.Carrier.Carry(ctx, to, &watchedLoad{load, w})
}

type watchedLoad struct {
	deliver.Load
	w *watch
}

func (l *watchedLoad) Done(c deliver.Cargo, receipt string, err error) {
	l.Load.Done(c, receipt, err)
	if err == nil {
		l.w.delivered <- struct{}{}
	} else {
		l.w.once.Do(func() { l.w.failed <- struct{}{} })
	}
}
