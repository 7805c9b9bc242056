package service_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/internal/freeport"
)

// Our own provider moves to a third: what is told of the way, what failed, a refusal,
// and a C-CANCEL from within.
func TestMoveSCU(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink := ultest.Listen(), ultest.Listen()
		var got archive
		answer := func(service.StoreRequest) dimse.Status { return dimse.Success }
		serve(t, sink, service.SCPConfig{Store: func(ctx context.Context, r service.StoreRequest) dimse.Status {
			if s := answer(r); s != dimse.Success {
				return s
			}
			return got.store(ctx, r)
		}})
		s := &shelf{}
		for i := range 6 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		s.opened = func(context.Context, int) {
			synctest.Wait()         // what was said before is heard
			time.Sleep(time.Second) // virtual time
		}
		serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(_ context.Context, _ service.Query, ae string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, ae == "SINK", nil
		}})
		c := dial(t, l, service.Context{AbstractSyntax: uid.StudyRootMove, TransferSyntaxes: implicit})
		study := identifier("STUDY", tag.StudyInstanceUID, "1.2")

		var way []int
		m, err := c.Move(t.Context(), uid.StudyRootMove, "SINK", study, func(m service.Moved) bool {
			way = append(way, m.Completed)
			return true
		})
		if err != nil || m.Status != dimse.Success || m.Kept() != 6 || m.Failed != 0 || m.Remaining != 0 || !slices.Equal(way, []int{1, 2, 3, 4, 5}) {
			t.Errorf("%+v %v %v", m, way, err)
		}
		answer = func(r service.StoreRequest) dimse.Status {
			return map[string]dimse.Status{"1.2.1": dimse.OutOfResources, "1.2.2": dimse.SubOperationsWarning}[r.SOPInstanceUID]
		}
		m, err = c.Move(t.Context(), uid.StudyRootMove, "SINK", study, nil)
		if err != nil || m.Status != dimse.SubOperationsWarning || m.Completed != 4 || m.Warning != 1 || m.Kept() != 5 || m.Failed != 1 || !slices.Equal(m.NotSent, []string{"1.2.1"}) {
			t.Errorf("with failures: %+v %v", m, err)
		}
		if m, err = c.Move(t.Context(), uid.StudyRootMove, "NOWHERE", study, nil); err != nil || m.Status != dimse.MoveDestinationUnknown || m.Kept() != 0 || m.Comment == "" {
			t.Errorf("unknown destination: %+v %v", m, err)
		}
		m, err = c.Move(t.Context(), uid.StudyRootMove, "SINK", study, func(m service.Moved) bool { return m.Kept()+m.Failed < 2 })
		if err != nil || m.Status != dimse.Cancel || m.Remaining == 0 || m.Kept()+m.Failed+m.Remaining != 6 {
			t.Errorf("canceled: %+v %v", m, err)
		}
		var none *service.NoContextError
		if _, err = c.Move(t.Context(), uid.PatientRootMove, "SINK", study, nil); !errors.As(err, &none) {
			t.Errorf("a class that was not proposed: %v", err)
		}
		if s, err := c.Move(t.Context(), uid.StudyRootMove, "SINK", study, nil); err != nil || s.Kept() != 5 {
			t.Errorf("the association is of use no more: %+v %v", s, err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A context that ends aborts the association; the provider gives up, too.
func TestMoveSCUAbandoned(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink := ultest.Listen(), ultest.Listen()
		var got archive
		serve(t, sink, service.SCPConfig{Store: got.store})
		s := &shelf{}
		for i := range 4 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		s.opened = func(context.Context, int) { synctest.Wait(); time.Sleep(time.Second) } // virtual time
		serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(context.Context, service.Query, string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
		}})
		c := dial(t, l, service.Context{AbstractSyntax: uid.StudyRootMove, TransferSyntaxes: implicit})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := c.Move(ctx, uid.StudyRootMove, "SINK", identifier("STUDY", tag.StudyInstanceUID, "1.2"), func(service.Moved) bool { cancel(); return true })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		_ = c.Close(t.Context())
		synctest.Wait()
		if len(got.got) == 4 {
			t.Error("all was sent although nobody waits for it")
		}
	})
}

// DCMTK's archive is asked what it has and sends it to our own provider.
func TestMoveSCUFromDCMTK(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var got archive
	serve(t, l, service.SCPConfig{Store: got.store})
	addr := qrscp(t, l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // a TCP listener
	objects := ownObjects(t, 3)
	_, port, _ := net.SplitHostPort(addr)
	if out, err := exec.CommandContext(t.Context(), "storescu", append([]string{"-xi", "-aec", "PACS", "127.0.0.1", port}, objects...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c, err := service.Dial(t.Context(), addr, service.DialOptions{CallingAE: "DOKUEI", CalledAE: "PACS", Contexts: []service.Context{
		{AbstractSyntax: uid.StudyRootFind, TransferSyntaxes: implicit}, {AbstractSyntax: uid.StudyRootMove, TransferSyntaxes: implicit},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var studies []string
	if s, err := c.Find(t.Context(), uid.StudyRootFind, identifier("STUDY", tag.StudyInstanceUID, ""), func(d *dataset.Dataset) error {
		studies = append(studies, d.String(tag.StudyInstanceUID))
		return nil
	}); err != nil || s != dimse.Success || len(studies) == 0 {
		t.Fatal(s, studies, err)
	}
	kept := 0
	for _, one := range studies {
		m, err := c.Move(t.Context(), uid.StudyRootMove, "DOKUEI", identifier("STUDY", tag.StudyInstanceUID, one), nil)
		if err != nil || m.Status != dimse.Success || m.Failed != 0 {
			t.Fatalf("%+v %v", m, err)
		}
		kept += m.Kept()
	}
	if kept != 3 || len(got.got) != 3 {
		t.Errorf("%d moved, %d arrived", kept, len(got.got))
	}
	if m, err := c.Move(t.Context(), uid.StudyRootMove, "NOWHERE", identifier("STUDY", tag.StudyInstanceUID, studies[0]), nil); err != nil || m.Status != dimse.MoveDestinationUnknown {
		t.Errorf("%+v %v", m, err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// qrscp starts DCMTK's archive, which knows our provider as DOKUEI.
func qrscp(t *testing.T, ours int) (addr string) {
	t.Helper()
	path, err := exec.LookPath("dcmqrscp")
	if err != nil {
		t.Skip("dcmqrscp is not installed (Debian: dcmtk): the comparison with a foreign archive is left out")
	}
	port := strconv.Itoa(freeport.For(t))
	addr = net.JoinHostPort("127.0.0.1", port)
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := "NetworkTCPPort = " + port + "\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\nours = (DOKUEI, 127.0.0.1, " + strconv.Itoa(ours) + ")\nHostTable END\n" +
		"VendorTable BEGIN\nVendorTable END\nAETable BEGIN\nPACS " + store + " RW (100, 1024mb) ANY\nAETable END\n"
	file := filepath.Join(dir, "qr.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
			return addr
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}
