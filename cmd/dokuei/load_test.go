package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/pack"
)

// stack is a CT whose slices are one image under other UIDs.
type stack struct {
	data                []byte
	study, series, item string
}

func newStack(t *testing.T) stack {
	t.Helper()
	study := phantom.HeadCT(phantom.Order{PatientID: "LOAD", PatientName: "Load^Test", StudyTime: time.Unix(1e9, 0), Seed: 5})
	in := study.Instances[40]
	var w bytes.Buffer
	if _, err := in.WriteTo(&w); err != nil {
		t.Fatal(err)
	}
	return stack{w.Bytes(), study.StudyInstanceUID, in.SeriesInstanceUID, in.SOPInstanceUID}
}

// slice is number n of study number k: its UID and its data set.
func (s stack) slice(k, n int) (instance string, data []byte) {
	data = bytes.Clone(s.data)
	number := func(uid string, n int) string {
		now := fmt.Sprintf("%s%08d", uid[:len(uid)-8], n)
		data = bytes.ReplaceAll(data, []byte(uid), []byte(now))
		return now
	}
	number(s.study, k)
	number(s.series, k)
	return number(s.item, 1000*k+n), data
}

func dialCT(t *testing.T, s *server) *service.Client {
	t.Helper()
	scu, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{
		CallingAE: "MINAMI_CT", CalledAE: "DOKUEI",
		Contexts: []service.Context{{AbstractSyntax: uid.CTImageStorage, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return scu
}

func (s stack) send(ctx context.Context, scu *service.Client, k, n int) error {
	instance, data := s.slice(k, n)
	status, err := scu.Store(ctx, service.StoreObject{
		SOPClassUID: uid.CTImageStorage, SOPInstanceUID: instance, TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: bytes.NewReader(data),
	})
	if err == nil && status != dimse.Success {
		err = fmt.Errorf("slice %d of study %d: status %v", n, k, status)
	}
	return err
}

// picturesIn counts the instances that have their pictures.
func picturesIn(t *testing.T, data string) func() int {
	t.Helper()
	dir := filepath.Join(data, "derived", "pictures")
	kept, err := pack.Open(dir, pack.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	return func() (n int) {
		files, _ := filepath.Glob(filepath.Join(dir, "*", "*.pack"))
		for _, f := range files {
			here, err := kept.Len(t.Context(), strings.TrimSuffix(filepath.Base(f), ".pack"))
			if err != nil {
				t.Fatal(err)
			}
			n += here
		}
		return n
	}
}

// A CT of 300 slices comes over one association: the pictures of all of them are made
// without anything else coming, and the server stays small. How soon they are there is
// said, not judged: BenchmarkReceive measures it.
func TestPicturesWhenTheLastSliceIsThere(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the CT of 300 slices is left out")
	}
	const (
		slices = 300
		most   = 300 << 20
	)
	data := newData(t, network)
	s := serve(t, data)
	ct, made := newStack(t), picturesIn(t, data)
	scu := dialCT(t, s)
	defer func() { _ = scu.Close(t.Context()) }()
	for n := range slices {
		if err := ct.send(t.Context(), scu, 0, n); err != nil {
			t.Fatal(err)
		}
	}
	last := time.Now()
	eventually(t, "pictures of all slices", func() bool { return made() == slices })
	t.Logf("the last pictures came %v after the last answer", time.Since(last))
	s.within(t, most)
}

// 64 machines send and 64 more have an association open: the server has memory for
// what is under way, not for each of them.
func TestManyAssociationsInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the many associations are left out")
	}
	const (
		idle, sending, each = 64, 64, 6
		most                = 400 << 20
	)
	data := newData(t, network)
	s := serve(t, data)
	ct, made := newStack(t), picturesIn(t, data)
	var all []*service.Client
	for range idle + sending {
		all = append(all, dialCT(t, s))
	}
	var wait sync.WaitGroup
	for k, scu := range all[idle:] {
		wait.Go(func() {
			for n := range each {
				if err := ct.send(t.Context(), scu, k, n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	eventually(t, "pictures of all images", func() bool { return made() == sending*each })
	s.within(t, most)

	for _, scu := range all {
		if err := scu.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
