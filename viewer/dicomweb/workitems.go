package dicomweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist/ups"
)

// workitemRoutes are UPS-RS, PS3.18 §11, on the steps of package ups. Who may look is
// asked by the route; who may do what to which step depends on its state, and is
// asked by ups.
func (s *Server) workitemRoutes() []Route {
	const (
		one        = "/workitems/{workitem}"
		subscriber = one + "/subscribers/{aetitle}"
	)
	return []Route{
		{"GET", "/workitems", identity.ViewStudy, s.searchWorkitems},
		{"POST", "/workitems", identity.ManageOrders, s.createWorkitem},
		{"GET", one, identity.ViewStudy, s.retrieveWorkitem},
		{"POST", one, identity.ViewStudy, s.updateWorkitem},
		{"PUT", one + "/state", identity.ClaimWork, s.changeWorkitem},
		{"POST", one + "/cancelrequest", identity.ManageOrders, s.cancelWorkitem},
		{"POST", subscriber, identity.ViewStudy, s.subscribe},
		{"DELETE", subscriber, identity.ViewStudy, s.unsubscribe},
		{"POST", subscriber + "/suspend", identity.ViewStudy, s.suspend},
		{"GET", "/subscribers/{aetitle}", identity.ViewStudy, s.channel},
	}
}

// performer is who asks, as ups knows them.
func (s *Server) performer(q *Request) ups.Caller {
	may := func(a identity.Action) bool { return identity.Decide(q.Who, a, identity.Resource{}).Allowed }
	who := ups.Caller{Scope: q.Scope, Orders: may(identity.ManageOrders), Actor: q.Who.UserID, RetrieveAE: s.AETitle}
	if q.Who.Role.Reads() && may(identity.ClaimWork) {
		who.Reader = q.Who.UserID
	}
	return who
}

// createWorkitem is Create Workitem, §11.4.
func (s *Server) createWorkitem(q *Request) error {
	d, err := q.readDataset()
	if err != nil {
		return err
	}
	step := q.R.URL.RawQuery // the template is /workitems{?workitem}
	if _, v, ok := strings.Cut(step, "="); ok {
		step = v
	}
	if step == "" && d != nil {
		step = d.String(tag.SOPInstanceUID)
	}
	if step != "" && !uid.Valid(step) {
		return q.refuseStep(http.StatusBadRequest, "the workitem of the address is not a UID")
	}
	rsp, err := s.Steps.Create(q.R.Context(), s.performer(q), step, d)
	if err != nil {
		return err
	}
	return q.answerStep(rsp, func() {
		q.W.Header().Set("Location", q.root()+"/workitems/"+rsp.SOPInstanceUID)
		q.W.WriteHeader(http.StatusCreated)
	})
}

// retrieveWorkitem is Retrieve Workitem, §11.5.
func (s *Server) retrieveWorkitem(q *Request) error {
	rsp, err := s.Steps.Get(q.R.Context(), s.performer(q), q.R.PathValue("workitem"), nil)
	if err != nil {
		return err
	}
	return q.answerStep(rsp, func() {
		rsp.Data.Delete(tag.SpecificCharacterSet)
		_ = q.json(http.StatusOK, []model{modelOf(rsp.Data, "")})
	})
}

// updateWorkitem is Update Workitem, §11.6. The Transaction UID stands in the address
// or in the data set.
func (s *Server) updateWorkitem(q *Request) error {
	d, err := q.readDataset()
	if err != nil {
		return err
	}
	if key := q.R.URL.RawQuery; key != "" && d != nil {
		if _, v, ok := strings.Cut(key, "="); ok {
			key = v
		}
		d.SetString(tag.TransactionUID, "UI", key)
	}
	rsp, err := s.Steps.Set(q.R.Context(), s.performer(q), q.R.PathValue("workitem"), d)
	if err != nil {
		return err
	}
	return q.answerStep(rsp, func() { q.W.WriteHeader(http.StatusOK) })
}

// changeWorkitem is Change Workitem State, §11.7.
func (s *Server) changeWorkitem(q *Request) error {
	d, err := q.readDataset()
	if err != nil {
		return err
	}
	rsp, err := s.Steps.ChangeState(q.R.Context(), s.performer(q), q.R.PathValue("workitem"), d)
	if err != nil {
		return err
	}
	return q.answerStep(rsp, func() { q.W.WriteHeader(http.StatusOK) })
}

// cancelWorkitem is Request Cancellation, §11.8.
func (s *Server) cancelWorkitem(q *Request) error {
	var d *dataset.Dataset
	if q.R.Header.Get("Content-Type") != "" { // the reason is optional, and so is the body
		var err error
		if d, err = q.readDataset(); err != nil {
			return err
		}
	}
	rsp, err := s.Steps.RequestCancel(q.R.Context(), s.performer(q), q.R.PathValue("workitem"), d)
	if err != nil {
		return err
	}
	if rsp.Status.Class() == dimse.ClassWarning { // it is canceled or completed already
		return q.refuseStep(http.StatusConflict, rsp.Status.String())
	}
	return q.answerStep(rsp, func() { q.W.WriteHeader(http.StatusAccepted) })
}

// refuseStep is a refusal with its reason also in a Warning, where §11 has it.
func (q *Request) refuseStep(status int, text string) error {
	q.W.Header().Set("Warning", `299 dokuei "`+text+`"`)
	return refuse(status, "%s", text)
}

// stepErrors are the answers of §11 for the statuses of PS3.4 Annex CC.
var stepErrors = map[dimse.Status]int{
	0xC307:                      http.StatusNotFound,
	0xC301:                      http.StatusBadRequest, // the Transaction UID is missing or incorrect
	0xC309:                      http.StatusBadRequest,
	0xC300:                      http.StatusConflict,
	0xC302:                      http.StatusConflict,
	0xC303:                      http.StatusBadRequest,
	0xC304:                      http.StatusConflict,
	0xC310:                      http.StatusConflict,
	0xC311:                      http.StatusConflict,
	0xC313:                      http.StatusConflict,
	dimse.DuplicateSOPInstance:  http.StatusConflict,
	dimse.ProcessingFailure:     http.StatusConflict,
	dimse.NotAuthorized:         http.StatusForbidden,
	dimse.ResourceLimitation:    http.StatusRequestEntityTooLarge,
	dimse.InvalidArgumentValue:  http.StatusBadRequest,
	dimse.InvalidAttributeValue: http.StatusBadRequest,
	dimse.MissingAttribute:      http.StatusBadRequest,
	dimse.MissingAttributeValue: http.StatusBadRequest,
}

// answerStep turns a response of ups into one of HTTP.
func (q *Request) answerStep(rsp service.NormalizedResponse, good func()) error {
	if rsp.Then != nil {
		defer rsp.Then()
	}
	text := rsp.Status.String()
	if rsp.Comment != "" {
		text = rsp.Comment
	}
	if status, ok := stepErrors[rsp.Status]; ok {
		return q.refuseStep(status, text)
	}
	if rsp.Status != dimse.Success { // a warning: it is done
		q.W.Header().Set("Warning", `299 dokuei "`+text+`"`)
	}
	q.W.Header().Set("Cache-Control", "no-store")
	good()
	return nil
}

// searchWorkitems is Search, §11.9. A key of a sequence is written with dots.
func (s *Server) searchWorkitems(q *Request) error {
	key, limit, offset, err := stepKeys(q.R.URL.Query())
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(q.R.Context(), patience)
	defer stop()
	found, at, more := []model{}, 0, errors.New("there is more")
	err = s.Steps.Search(ctx, s.performer(q), key, func(d *dataset.Dataset) error {
		switch at++; {
		case at <= offset:
		case len(found) == limit:
			return more
		default:
			found = append(found, modelOf(d, ""))
		}
		return nil
	})
	switch {
	case errors.Is(err, more):
		q.W.Header().Add("Warning", `299 dokuei "There are additional results that can be requested"`)
	case errors.Is(err, context.DeadlineExceeded) && q.R.Context().Err() == nil:
		return refuse(http.StatusRequestEntityTooLarge, "the search takes too long: narrow it")
	case err != nil:
		return err
	}
	return q.json(http.StatusOK, found)
}

func stepKeys(values url.Values) (key *dataset.Dataset, limit, offset int, err error) {
	key, limit = dataset.New(), usualLimit
	key.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	for name, list := range values {
		switch name {
		case "limit":
			if limit, err = count(list[0]); err != nil || limit == 0 || limit > mostFound {
				return nil, 0, 0, refuse(http.StatusBadRequest, "limit is a number from 1 to %d", mostFound)
			}
		case "offset":
			if offset, err = count(list[0]); err != nil || offset > mostFound {
				return nil, 0, 0, refuse(http.StatusBadRequest, "offset is a number from 0 to %d", mostFound)
			}
		case "includefield", "fuzzymatching": // all that is known is answered, and matched literally
		default:
			if !addKey(key, strings.Split(name, "."), list) {
				return nil, 0, 0, refuse(http.StatusBadRequest, "there is no attribute of the name given as a parameter")
			}
		}
	}
	return key, limit, offset, nil
}

// addKey sets the value at the end of a path of attributes.
func addKey(d *dataset.Dataset, path []string, list []string) bool {
	t, ok := tagOf(path[0])
	if !ok || len(path) > mostNests {
		return false
	}
	entry, known := tag.Lookup(t)
	if !known {
		return false
	}
	vr := entry.VR
	if len(path) == 1 {
		if vr == "SQ" || binary(vr) {
			return false
		}
		if vr == "UI" {
			list = keyUIDs(list)
		}
		d.SetString(t, vr, list...)
		return true
	}
	if vr != "SQ" {
		return false
	}
	item := d.Item(t)
	if item == nil {
		item = dataset.New()
		d.SetItems(t, item)
	}
	return addKey(item, path[1:], list)
}

// keyUIDs splits lists of UIDs (§8.3.4.1).
func keyUIDs(list []string) (out []string) {
	for _, one := range list {
		out = append(out, strings.FieldsFunc(one, func(r rune) bool { return r == ',' || r == '\\' })...)
	}
	return out
}
