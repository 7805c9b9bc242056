package send_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/send"
)

// DCMTK's storescp takes implicit little endian only, when asked to: all that
// is not compressed arrives there and means what it did.
func TestStoreSCP(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("storescp")
	if err != nil {
		t.Skip("storescp is not installed (Debian: dcmtk): the comparison with a foreign provider is left out")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // for storescp, which cannot be given a listener
	inbox := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	scp := exec.CommandContext(ctx, path, "-aet", "PACS", "+xi", "--filename-extension", ".dcm", "-od", inbox, port)
	if err := scp.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = scp.Wait() }()

	dir := t.TempDir()
	from := map[string]string{"2.25.1": uid.ExplicitVRLittleEndian, "2.25.2": uid.DeflatedExplicitVRLittleEndian, "2.25.3": uid.ExplicitVRBigEndian, "2.25.4": uid.ImplicitVRLittleEndian}
	for id, ts := range from {
		object(t, filepath.Join(dir, id), id, ts)
	}
	object(t, filepath.Join(dir, "jpeg"), "2.25.5", uid.JPEGBaseline8Bit)
	r, err := send.Run(t.Context(), []string{dir}, send.Options{
		Addr: addr, CallingAE: "DOKUEI", CalledAE: "PACS", Associations: 1, // storescp serves one at a time
		Tries: 8, Pause: 50 * time.Millisecond, // while it starts
	})
	if err != nil || r.Sent != len(from) || len(r.Failed) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	for id := range from {
		got, err := filepath.Glob(filepath.Join(inbox, "*"+id+".dcm"))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", id, got, err)
			continue
		}
		a, err := os.ReadFile(filepath.Join(dir, id))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(got[0])
		if err != nil {
			t.Fatal(err)
		}
		if same, err := stream.Equal(bytes.NewReader(a), bytes.NewReader(b)); err != nil || !same {
			t.Errorf("%s in %s arrived changed: %v", id, uid.Name(from[id]), err)
		}
	}
}
