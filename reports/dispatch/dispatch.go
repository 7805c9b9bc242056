package dispatch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/internal/outbound"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/oru"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/plain"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// Dispatcher is the deliver.Router of the service.
type Dispatcher struct {
	DB      *db.DB
	Objects object.Store
	Sender  string // MSH-3, and the User-Agent
	TLS     *tls.Config
	Local   bool // receivers on this machine are allowed: demo and tests
	// Mail hands a letter to the service's relay; nil: it has none.
	Mail func(context.Context, clock.Letter) error
	Link string // where the pages are, for letters; "": not said
}

// maxDocument bounds a printed report that is read back to be sent on.
const maxDocument = 32 << 20

// Route takes one object of a report to a destination.
func (s *Dispatcher) Route(ctx context.Context, to worklist.Destination, d deliver.Delivery, i catalog.Instance) (string, error) {
	u, err := url.Parse(to.Route)
	if err != nil {
		return "", &deliver.RefusalError{Reason: "the address of the destination is no URL", Permanent: true}
	}
	r, err := reports.ByID(ctx, s.DB.Read(ctx), identity.Everything(), d.ReportID)
	if err != nil {
		return "", fmt.Errorf("dispatch: report: %w", err)
	}
	// A row cannot send a report to a hospital it is not of, whatever is in it.
	if r.Facility.ID != to.FacilityID {
		return "", &deliver.RefusalError{Reason: "the report is of another hospital than the destination", Permanent: true}
	}
	body, err := s.body(ctx, r, d.Object, i)
	if err != nil {
		return "", err
	}
	switch u.Scheme {
	case "mllp", "mllps":
		return s.mllp(ctx, u, body, oru.ControlID(r))
	case "http", "https":
		return s.post(ctx, u, body, d.Object)
	case "mailto":
		return s.letter(ctx, u.Opaque, r)
	case "file":
		return folder(u, r, d.Object, body)
	}
	return "", &deliver.RefusalError{Reason: "there is no way of the kind " + u.Scheme, Permanent: true}
}

// body is what is sent of a report.
func (s *Dispatcher) body(ctx context.Context, r *reports.Report, kind string, i catalog.Instance) ([]byte, error) {
	switch kind {
	case deliver.SR, deliver.Enhanced, deliver.Measurements, deliver.Keys:
		return s.stored(ctx, i.ObjectKey)
	case deliver.Text:
		return []byte(plain.Write(r)), nil
	case deliver.Notice:
		return notice(r)
	}
	printed, err := s.printed(ctx, r)
	if err != nil {
		return nil, err
	}
	switch kind {
	case deliver.PDF:
		return printed, nil
	case deliver.FHIR:
		st, err := catalog.StudyByID(ctx, s.DB.Read(ctx), identity.Everything(), r.StudyID)
		if err != nil {
			return nil, fmt.Errorf("dispatch: study: %w", err)
		}
		return fhir.Build(r, printed, st.Instances)
	case deliver.ORU:
		o := oru.Options{Parties: oru.Parties{SendingApplication: s.Sender}, Charset: hl7.JIS, PDF: printed}
		raw, lossless := oru.Build(r, o).Encode()
		if !lossless { // 𠮷 is in no set of ISO-2022-JP
			o.Charset = hl7.UTF8
			raw, _ = oru.Build(r, o).Encode()
		}
		return raw, nil
	}
	return nil, &deliver.RefusalError{Reason: "there is no object of the kind " + kind, Permanent: true}
}

// printed takes the PDF out of a report's object.
func (s *Dispatcher) printed(ctx context.Context, r *reports.Report) ([]byte, error) {
	ref, ok := r.Document(pdf.Object)
	if !ok {
		return nil, nil
	}
	i, err := catalog.InstanceByID(ctx, s.DB.Read(ctx), identity.Everything(), ref.InstanceID)
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	o, err := s.Objects.Open(ctx, i.ObjectKey)
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	defer o.Close()
	_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), stream.Limits{MaxValueBytes: maxDocument})
	if err != nil {
		return nil, fmt.Errorf("dispatch: printed report: %w", err)
	}
	file, _ := pdf.File(d)
	return file, nil
}

func (s *Dispatcher) stored(ctx context.Context, key string) ([]byte, error) {
	o, err := s.Objects.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	defer o.Close()
	if o.Size() > maxDocument {
		return nil, &deliver.RefusalError{Reason: "the stored object is too large to be sent this way", Permanent: true}
	}
	return io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
}

// errForbidden is an address that nothing is sent to.
var errForbidden = &deliver.RefusalError{Reason: "the address of the destination is this machine's own, link-local or multicast: nothing is sent there", Permanent: true}

// dialer refuses forbidden addresses, and this machine's own, after the name was
// resolved, so that no name gets around it.
func (s *Dispatcher) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 15 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || outbound.Forbidden(at.Addr()) || at.Addr().Unmap().IsLoopback() && !s.Local {
			return errForbidden
		}
		return nil
	}}
}

func (s *Dispatcher) client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: s.dialer().DialContext, TLSClientConfig: s.TLS, DisableKeepAlives: true, ResponseHeaderTimeout: time.Minute, Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// errOf is what became of a call, without the words of net/http around it: they repeat
// the address, in which hospitals put keys, for logs and pages to show.
func errOf(err error) error {
	var refusal *deliver.RefusalError
	if errors.As(err, &refusal) {
		return refusal
	}
	var call *url.Error
	if errors.As(err, &call) {
		return call.Err
	}
	return err
}
