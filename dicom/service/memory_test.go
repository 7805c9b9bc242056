package service_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
)

// pattern is a data set of any size, made as it is read: a table of prime
// length over and over, so that no block boundary falls on the same byte twice.
type pattern struct{ pos, size int64 }

var table = func() []byte {
	b := make([]byte, 65521)
	for i := range b {
		b[i] = byte(i*31 + i>>8)
	}
	return b
}()

func (p *pattern) Read(b []byte) (int, error) {
	if p.pos == p.size {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), p.size-p.pos)]
	n := copy(b, table[p.pos%int64(len(table)):])
	p.pos += int64(n)
	return n, nil
}

// check is a writer that compares with pattern, sparsely: a byte of each 512,
// which no misplaced or repeated fragment passes.
type check struct {
	pos int64
	bad int
}

func (c *check) Write(b []byte) (int, error) {
	for i := 0; i < len(b); i += 512 {
		if b[i] != table[(c.pos+int64(i))%int64(len(table))] {
			c.bad++
		}
	}
	c.pos += int64(len(b))
	return len(b), nil
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func call(t testing.TB, addr string) *service.Client {
	t.Helper()
	c, err := service.Dial(t.Context(), addr, service.DialOptions{
		CallingAE: "SENDER", CalledAE: "DOKUEI",
		Contexts: []service.Context{{ctImage, []string{uid.ExplicitVRLittleEndian}}, {uid.Verification, []string{uid.ImplicitVRLittleEndian}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ct(id string, data io.Reader) service.StoreObject {
	return service.StoreObject{SOPClassUID: ctImage, SOPInstanceUID: id, TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: data}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// One large object over TCP: it arrives intact, and what both sides have
// allocated in all is a fraction of it. 2 GiB; 256 MiB with -short.
func TestLargeObject(t *testing.T) {
	size := int64(2 << 30)
	if testing.Short() || raceEnabled {
		size = 256 << 20
	}
	l := listen(t)
	var arrived check
	serve(t, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		if _, err := io.Copy(&arrived, r.Data); err != nil {
			return dimse.CannotUnderstand
		}
		return dimse.Success
	}})
	c := call(t, l.Addr().String())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := c.Store(t.Context(), ct("1.2.3", &pattern{size: size}))
	runtime.ReadMemStats(&after)
	if err != nil || s != dimse.Success {
		t.Fatal(s, err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("%d MiB allocated for an object of %d MiB", allocated>>20, size>>20)
	}
	if arrived.pos != size || arrived.bad != 0 {
		t.Errorf("%d bytes of %d arrived, %d wrong", arrived.pos, size, arrived.bad)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// 64 idle and 64 sending associations together, in one process with their
// peers: the whole stays under 48 MiB of heap, and all of them work.
func TestManyAssociations(t *testing.T) {
	const each = 64
	l := listen(t)
	half, goOn := make(chan struct{}, each), make(chan struct{})
	serve(t, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		if _, err := io.CopyN(io.Discard, r.Data, 256<<10); err != nil {
			return dimse.CannotUnderstand
		}
		half <- struct{}{}
		<-goOn
		if _, err := io.Copy(io.Discard, r.Data); err != nil {
			return dimse.CannotUnderstand
		}
		return dimse.Success
	}})
	base := heap()
	var idle []*service.Client
	for range each {
		idle = append(idle, call(t, l.Addr().String()))
	}
	errs := make(chan error, each)
	var wg sync.WaitGroup
	for range each {
		wg.Go(func() {
			c := call(t, l.Addr().String())
			s, err := c.Store(context.Background(), ct("1.2.3", &pattern{size: 4 << 20}))
			if err == nil && s != dimse.Success {
				err = errors.New(s.String())
			}
			errs <- errors.Join(err, c.Close(context.Background()))
		})
	}
	for range each {
		<-half
	}
	if grown := int64(heap()) - int64(base); grown > 48<<20 {
		t.Errorf("%d MiB for %d associations and their peers", grown>>20, 2*each)
	} else {
		t.Logf("%d KiB for each association and its peer", grown/(2*each)>>10)
	}
	close(goOn)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	for _, c := range idle {
		if _, err := c.Echo(t.Context()); err != nil {
			t.Error(err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkStore is one CT image of 512 KiB from our client to our provider.
func BenchmarkStore(b *testing.B) {
	l := listen(b)
	serve(b, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		_, err := io.Copy(io.Discard, r.Data)
		if err != nil {
			return dimse.CannotUnderstand
		}
		return dimse.Success
	}})
	c := call(b, l.Addr().String())
	const size = 512 << 10
	data := make([]byte, size)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if s, err := c.Store(context.Background(), ct("1.2.3", bytes.NewReader(data))); err != nil || s != dimse.Success {
			b.Fatal(s, err)
		}
	}
	if err := c.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}
