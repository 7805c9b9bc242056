package service_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// finder answers with the matches it is given, or as f says.
type finder struct {
	matches []*dataset.Dataset
	f       func(ctx context.Context, q service.Query, match func(*dataset.Dataset) error) error
	asked   []service.Query
}

func (f *finder) Find(ctx context.Context, q service.Query, match func(*dataset.Dataset) error) error {
	f.asked = append(f.asked, q)
	if f.f != nil {
		return f.f(ctx, q, match)
	}
	for _, d := range f.matches {
		if err := match(d); err != nil {
			return err
		}
	}
	return nil
}

// shelf is a Retriever over native data sets in memory.
type shelf struct {
	list   []service.Selected
	data   map[string][]byte
	err    error
	opened func(ctx context.Context, n int)
	mu     sync.Mutex
	n      int
}

func (s *shelf) Select(context.Context, service.Query) ([]service.Selected, error) {
	return s.list, s.err
}

func (s *shelf) Open(ctx context.Context, one service.Selected) (io.ReadCloser, string, error) {
	s.mu.Lock()
	s.n++
	n := s.n
	s.mu.Unlock()
	if s.opened != nil {
		s.opened(ctx, n)
	}
	b, ok := s.data[one.SOPInstanceUID]
	if !ok {
		return nil, "", errors.New("gone from the disk")
	}
	return io.NopCloser(bytes.NewReader(b)), one.TransferSyntaxUID, nil
}

func (s *shelf) add(t *testing.T, class, instance, ts string) {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", class)
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.PatientName, "PN", "Yamada^Taro")
	var b bytes.Buffer
	syntax, _ := uid.LookupTransferSyntax(ts)
	if err := d.Encode(&b, syntax); err != nil {
		t.Fatal(err)
	}
	if s.data == nil {
		s.data = map[string][]byte{}
	}
	s.data[instance] = b.Bytes()
	s.list = append(s.list, service.Selected{SOPClassUID: class, SOPInstanceUID: instance, TransferSyntaxUID: ts})
}

// asker is a query/retrieve user spoken by hand.
type asker struct {
	t    *testing.T
	a    *ul.Association
	conn *dimse.Conn
}

func ask(t *testing.T, l *ultest.Listener, roles []pdu.RoleSelection, contexts ...service.Context) *asker {
	t.Helper()
	cfg := ul.DialConfig{Config: ul.Config{AETitle: "ASKER"}, CalledAE: "DOKUEI", Dialer: l, Roles: roles}
	for i, c := range contexts {
		cfg.Contexts = append(cfg.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: c.AbstractSyntax, TransferSyntaxes: c.TransferSyntaxes})
	}
	a, err := ul.Dial(t.Context(), "10.0.0.9:1", cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &asker{t, a, dimse.NewConn(a)}
}

var limits stream.Limits

var implicit = []string{uid.ImplicitVRLittleEndian}

// identifier writes tag, value pairs; bytes go as they are.
func identifier(level string, pairs ...any) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.QueryRetrieveLevel, "CS", level)
	for i := 0; i < len(pairs); i += 2 {
		t, _ := pairs[i].(tag.Tag)
		e, _ := tag.Lookup(t)
		switch v := pairs[i+1].(type) {
		case string:
			d.SetString(t, e.VR, v)
		case []byte:
			d.SetBytes(t, e.VR, v)
		}
	}
	return d
}

func (k *asker) send(m dimse.Message, d *dataset.Dataset) {
	k.t.Helper()
	var r io.Reader
	if d != nil {
		var b bytes.Buffer
		ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
		if err := d.Encode(&b, ts); err != nil {
			k.t.Fatal(err)
		}
		r = &b
	}
	if err := k.conn.Send(1, m, r); err != nil {
		k.t.Fatal(err)
	}
}

// cancel may be called beside the test's goroutine.
func (k *asker) cancel(id uint16) {
	if err := k.conn.Send(1, &dimse.CCancelRQ{MessageIDBeingRespondedTo: id}, nil); err != nil {
		k.t.Error(err)
	}
}

// next reads a response with its data set.
func (k *asker) next() (dimse.Message, *dataset.Dataset) {
	k.t.Helper()
	in, err := k.conn.Receive()
	if err != nil {
		k.t.Fatal(err)
	}
	if in.Data == nil {
		return in.Message, nil
	}
	ts, _ := uid.LookupTransferSyntax(in.Context.TransferSyntax)
	b, err := io.ReadAll(in.Data)
	if err != nil {
		k.t.Fatal(err)
	}
	d, err := dataset.Read(bytes.NewReader(b), ts, limits)
	if err != nil {
		k.t.Fatal(err)
	}
	return in.Message, d
}

// find asks and collects until the last response.
func (k *asker) find(id uint16, d *dataset.Dataset) (statuses []dimse.Status, answers []*dataset.Dataset) {
	k.t.Helper()
	k.send(&dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: id}, d)
	for {
		m, d := k.next()
		rsp, ok := m.(*dimse.CFindRSP)
		if !ok || rsp.MessageIDBeingRespondedTo != id {
			k.t.Fatalf("%+v", m)
		}
		statuses = append(statuses, rsp.Status)
		if rsp.Status.Class() != dimse.ClassPending {
			return statuses, answers
		}
		answers = append(answers, d)
	}
}

func (k *asker) release() {
	k.t.Helper()
	if err := k.a.Release(); err != nil {
		k.t.Error(err)
	}
}

func TestFind(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		match := func() *dataset.Dataset {
			d := dataset.New()
			d.SetString(tag.PatientName, "PN", "Yamada^Taro=山田^太郎=やまだ^たろう")
			d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
			return d
		}
		f := &finder{}
		serve(t, l, service.SCPConfig{Find: f, MaxMatches: 3})
		k := ask(t, l, nil, service.Context{uid.StudyRootFind, implicit})
		jis := []byte("Yamada*=\x1b$B;3ED\x1b(B*")
		for _, c := range []struct {
			name    string
			d       *dataset.Dataset
			matches int
			want    []dimse.Status
			charset string
		}{
			{"nothing", identifier("STUDY", tag.StudyInstanceUID, ""), 0, []dimse.Status{0}, ""},
			{"no set named, UTF-8 back", identifier("STUDY", tag.PatientName, "", tag.StudyInstanceUID, ""), 2, []dimse.Status{0xff00, 0xff00, 0}, "ISO_IR 192"},
			{"the set of the request", identifier("STUDY", tag.SpecificCharacterSet, []byte(`\ISO 2022 IR 87`), tag.PatientName, jis, tag.StudyInstanceUID, ""), 1, []dimse.Status{0xff00, 0}, "ISO 2022 IR 87"},
			{"a set that is too small", identifier("STUDY", tag.SpecificCharacterSet, "ISO_IR 100", tag.PatientName, "", tag.StudyInstanceUID, ""), 1, []dimse.Status{0xff00, 0}, "ISO_IR 192"},
			{"a set nobody knows", identifier("STUDY", tag.SpecificCharacterSet, "ISO_IR 999", tag.PatientName, "", tag.StudyInstanceUID, ""), 1, []dimse.Status{0xff00, 0}, "ISO_IR 192"},
			{"a key that is not supported", identifier("STUDY", tag.PatientName, "", tag.PatientComments, ""), 1, []dimse.Status{0xff01, 0}, "ISO_IR 192"},
			{"as many as allowed", identifier("STUDY", tag.PatientName, ""), 3, []dimse.Status{0xff00, 0xff00, 0xff00, 0}, "ISO_IR 192"},
			{"too many", identifier("STUDY", tag.PatientName, ""), 4, []dimse.Status{0xff00, 0xff00, 0xff00, 0xa700}, "ISO_IR 192"},
			{"level of the other root", identifier("PATIENT", tag.PatientName, ""), 1, []dimse.Status{0xa900}, ""},
			{"no level", identifier("", tag.PatientName, ""), 1, []dimse.Status{0xa900}, ""},
			{"value too long", identifier("STUDY", tag.PatientName, strings.Repeat("x", 300<<10)), 1, []dimse.Status{0xc000}, ""},
			{"no data set", nil, 1, []dimse.Status{0xc000}, ""},
			{"still alive", identifier("STUDY", tag.PatientName, ""), 1, []dimse.Status{0xff00, 0}, "ISO_IR 192"},
		} {
			f.matches, f.asked = nil, nil
			for range c.matches {
				f.matches = append(f.matches, match())
			}
			got, answers := k.find(7, c.d)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
			for _, d := range answers {
				sets := d.Strings(tag.SpecificCharacterSet)
				if d.String(tag.QueryRetrieveLevel) != "STUDY" || len(sets) == 0 || sets[len(sets)-1] != c.charset || d.String(tag.PatientName) != "Yamada^Taro=山田^太郎=やまだ^たろう" {
					t.Errorf("%s: %q in %v", c.name, d.String(tag.PatientName), sets)
				}
			}
			if c.name == "the set of the request" && f.asked[0].Identifier.String(tag.PatientName) != "Yamada*=山田*" {
				t.Errorf("key reads %q", f.asked[0].Identifier.String(tag.PatientName))
			}
		}
		if err := k.conn.Send(1, &dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: 9}, strings.NewReader("\x08\x00\x52\x00\xff\xff\xff\x7fSTUDY")); err != nil {
			t.Fatal(err)
		}
		if m, _ := k.next(); m.(*dimse.CFindRSP).Status != dimse.CannotUnderstand {
			t.Errorf("broken identifier: %+v", m)
		}
		f.f = func(context.Context, service.Query, func(*dataset.Dataset) error) error { panic("boom") }
		if got, _ := k.find(8, identifier("STUDY")); !slices.Equal(got, []dimse.Status{dimse.CannotUnderstand}) {
			t.Error("panic:", got)
		}
		f.f = func(context.Context, service.Query, func(*dataset.Dataset) error) error { return errors.New("disk") }
		if got, _ := k.find(8, identifier("STUDY")); !slices.Equal(got, []dimse.Status{dimse.CannotUnderstand}) {
			t.Error("error:", got)
		}
		f.f = func(context.Context, service.Query, func(*dataset.Dataset) error) error {
			return &service.Refusal{Status: dimse.OutOfResources, Comment: "slow"}
		}
		if got, _ := k.find(8, identifier("STUDY")); !slices.Equal(got, []dimse.Status{dimse.OutOfResources}) {
			t.Error("refusal:", got)
		}
		k.release()
	})
}

// A C-CANCEL reaches a search that takes long, and one in the middle of its
// answers; the association works on. The peer may be silent for as long as the
// search takes, and not longer after it.
func TestFindCanceled(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		f := &finder{}
		serve(t, l, service.SCPConfig{Find: f})
		k := ask(t, l, nil, service.Context{uid.StudyRootFind, implicit})
		f.f = func(ctx context.Context, _ service.Query, match func(*dataset.Dataset) error) error {
			if err := match(identifier("STUDY")); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}
		k.send(&dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: 5}, identifier("STUDY"))
		if m, _ := k.next(); m.(*dimse.CFindRSP).Status != dimse.Pending {
			t.Fatalf("%+v", m)
		}
		time.Sleep(time.Hour) // virtual time, far beyond the idle time
		k.send(&dimse.CCancelRQ{MessageIDBeingRespondedTo: 4}, nil)
		k.send(&dimse.CCancelRQ{MessageIDBeingRespondedTo: 5}, nil)
		if m, _ := k.next(); m.(*dimse.CFindRSP).Status != dimse.Cancel {
			t.Errorf("%+v", m)
		}
		f.f = func(_ context.Context, _ service.Query, match func(*dataset.Dataset) error) error {
			for {
				if err := match(identifier("STUDY")); err != nil {
					return err
				}
			}
		}
		k.send(&dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: 6}, identifier("STUDY"))
		for n := 0; ; n++ {
			m, _ := k.next()
			s := m.(*dimse.CFindRSP).Status
			if s == dimse.Cancel {
				break
			}
			if s != dimse.Pending {
				t.Fatal(s)
			}
			if n == 10 {
				go k.cancel(6)
			}
		}
		f.f = nil
		if got, _ := k.find(7, identifier("STUDY")); !slices.Equal(got, []dimse.Status{0}) {
			t.Error("after the cancels:", got)
		}
		begun := time.Now()
		if _, err := k.conn.Receive(); err == nil {
			t.Error("a message out of nowhere")
		}
		if d := time.Since(begun); d < 50*time.Second || d > 70*time.Second {
			t.Errorf("idle association ended after %s", d)
		}
		_ = k.a.Close()
	})
}

// A peer that leaves while it is being served takes everything with it.
func TestFindAbandoned(t *testing.T) {
	for _, how := range []string{"abort", "release", "stop"} {
		t.Run(how, func(t *testing.T) {
			in(t, func(t *testing.T) {
				l := ultest.Listen()
				ended := make(chan error, 1)
				f := &finder{f: func(ctx context.Context, _ service.Query, _ func(*dataset.Dataset) error) error {
					<-ctx.Done()
					ended <- ctx.Err()
					return ctx.Err()
				}}
				serve(t, l, service.SCPConfig{Find: f})
				k := ask(t, l, nil, service.Context{uid.StudyRootFind, implicit})
				k.send(&dimse.CFindRQ{AffectedSOPClassUID: uid.StudyRootFind, MessageID: 5}, identifier("STUDY"))
				synctest.Wait()
				switch how {
				case "abort":
					_ = k.a.Abort(errors.New("enough"))
					_ = k.a.Close()
				case "release":
					k.release()
				case "stop": // the clean-up of serve: the grace passes
					go func() { _, _ = k.conn.Receive(); _ = k.a.Close() }()
					return
				}
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		})
	}
}
