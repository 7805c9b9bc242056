package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// fhirBase is where FHIR R4 begins: orders of hospitals as ServiceRequests. A Bundle
// is posted to the base itself.
const fhirBase = "/fhir"

// fhirType is the media type of FHIR R4 2.1.0.6.
const fhirType = "application/fhir+json"

// maxEntries bounds a bundle.
const maxEntries = 100

var errFHIRType = problem(http.StatusUnsupportedMediaType, "not_fhir", "The body must be application/fhir+json.")

func (s *server) fhirRoutes() []route {
	return []route{
		{"GET", fhirBase + "/metadata", signedIn, s.fhirCapability},
		{"POST", fhirBase, identity.ManageOrders, s.fhirBundle},
		{"GET", fhirBase + "/ServiceRequest", identity.ManageOrders, s.fhirSearch},
		{"POST", fhirBase + "/ServiceRequest", identity.ManageOrders, s.fhirCreate},
		{"PUT", fhirBase + "/ServiceRequest", identity.ManageOrders, s.fhirPut},
		{"GET", fhirBase + "/ServiceRequest/{id}", identity.ManageOrders, s.fhirRead},
		{"PUT", fhirBase + "/ServiceRequest/{id}", identity.ManageOrders, s.fhirUpdate},
	}
}

// fhir answers with a resource.
func (c *call) fhir(status int, resource any) error {
	c.w.Header().Set("Content-Type", fhirType)
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	return json.NewEncoder(c.w).Encode(resource)
}

// readFHIR is the body, of a FHIR media type and bounded.
func (c *call) readFHIR() (json.RawMessage, error) {
	if ct, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || ct != fhirType && ct != "application/json" {
		return nil, errFHIRType
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, err
	}
	if !json.Valid(raw) {
		return nil, errBadRequest.with("the body is not JSON")
	}
	return raw, nil
}

// outcome is what became of one resource.
type outcome struct {
	status int
	order  order.Order
}

func (o outcome) location() string { return fhirBase + "/ServiceRequest/" + o.order.ID }

// fhirWish is one interaction with a ServiceRequest: method, and the search of a
// conditional one.
type fhirWish struct {
	method, id, condition string
	resource              json.RawMessage
	beside                orders.Resources
}

// perform does one interaction in a transaction.
func (c *call) perform(ctx context.Context, tx db.Tx, f worklist.Facility, in fhirWish, at time.Time) (outcome, error) {
	w, err := orders.ServiceRequest(in.resource, in.beside)
	if err != nil {
		return outcome{}, err
	}
	if in.id != "" {
		w.Order.ID = in.id
	}
	if in.condition != "" {
		found, err := conditional(ctx, tx, f.ID, in.condition)
		if err != nil {
			return outcome{}, err
		}
		if found != nil && in.method == http.MethodPost {
			return outcome{http.StatusOK, *found}, nil // FHIR R4 3.1.0.8.1
		}
		if found != nil {
			w.Order.ID = found.ID
		}
	}
	if in.method == http.MethodPut && w.Act == orders.Place {
		if w.Act = orders.Put; w.Order.ID != "" {
			w.Act = orders.Amend
		}
	}
	done, err := orders.Do(ctx, tx, f, w, c.who.UserID, at)
	switch {
	case errors.Is(err, order.ErrCanceled) && w.Act == orders.Cancel: // what it asks for is so
		if w.Order.ID != "" {
			o, err := order.ByID(ctx, tx, c.scope, w.Order.ID)
			return outcome{http.StatusOK, o}, err
		}
		known, err := order.Known(ctx, tx, f.ID, w.Order.Placer, w.Order.AccessionNumber)
		if err == nil && len(known) == 0 {
			err = order.ErrNotFound
		}
		if err != nil {
			return outcome{}, err
		}
		return outcome{http.StatusOK, known[0]}, nil
	case err != nil:
		return outcome{}, err
	case w.Act == orders.Nothing:
		return outcome{status: http.StatusOK}, nil
	}
	o := done.Orders[0]
	if w.Act == orders.Cancel {
		if o, err = order.ByID(ctx, tx, c.scope, o.ID); err != nil {
			return outcome{}, err
		}
	}
	if done.Fresh {
		return outcome{http.StatusCreated, o}, nil
	}
	return outcome{http.StatusOK, o}, nil
}

// conditional finds the one order of a search: identifier=system|value.
func conditional(ctx context.Context, tx db.Tx, facilityID, search string) (*order.Order, error) {
	q, err := url.ParseQuery(strings.TrimPrefix(search, "?"))
	value := q.Get("identifier")
	if err != nil || value == "" || len(q) != 1 {
		return nil, errBadRequest.with("a condition is identifier=system|value")
	}
	list, err := byIdentifier(ctx, tx, facilityID, value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if len(list) > 1 {
		return nil, problem(http.StatusPreconditionFailed, "several", "More than one order has this identifier.")
	}
	return &list[0], nil
}

// byIdentifier are the orders whose placer's or accession number is a token: those that
// stand, else those that were canceled.
func byIdentifier(ctx context.Context, tx db.Tx, facilityID, token string) ([]order.Order, error) {
	value := token[strings.LastIndex(token, "|")+1:]
	list, err := order.Known(ctx, tx, facilityID, value, "")
	if err == nil && len(list) == 0 {
		list, err = order.Known(ctx, tx, facilityID, "", value)
	}
	if err != nil {
		return nil, err
	}
	var standing []order.Order
	for _, o := range list {
		if o.CanceledAt.IsZero() {
			standing = append(standing, o)
		}
	}
	if standing != nil || list == nil {
		return standing, nil
	}
	return list[len(list)-1:], nil
}

// single does one interaction and answers with the resource.
func (s *server) single(c *call, in fhirWish) error {
	raw, err := c.readFHIR()
	if err != nil {
		return err
	}
	if in.method == http.MethodPut && in.id == "" && in.condition == "" {
		return errBadRequest.with("PUT names the order by its ID or by ?identifier=system|value")
	}
	in.resource = raw
	var out outcome
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if in.id != "" {
			if _, err := order.ByID(ctx, tx, c.scope, in.id); err != nil {
				return err
			}
		}
		f, err := c.hospital(ctx, tx, "")
		if err != nil {
			return err
		}
		out, err = c.perform(ctx, tx, f, in, db.Now())
		return err
	})
	if err != nil {
		return err
	}
	if out.order.ID == "" {
		return c.fhir(out.status, orders.Issue("information", "informational", "Nothing was changed.", ""))
	}
	c.w.Header().Set("Location", out.location())
	return c.fhir(out.status, orders.Resource(out.order))
}

// fhirCreate places an order, or revokes one by its identifier. If-None-Exist makes it
// conditional; the same order again is answered as it stands.
func (s *server) fhirCreate(c *call) error {
	return s.single(c, fhirWish{method: http.MethodPost, condition: c.r.Header.Get("If-None-Exist")})
}

// fhirPut is the conditional update.
func (s *server) fhirPut(c *call) error {
	return s.single(c, fhirWish{method: http.MethodPut, condition: c.r.URL.RawQuery})
}

func (s *server) fhirUpdate(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.single(c, fhirWish{method: http.MethodPut, id: id})
}

func (s *server) fhirRead(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	o, err := order.ByID(c.r.Context(), s.DB.Read(c.r.Context()), c.scope, id)
	if err != nil {
		return err
	}
	return c.fhir(http.StatusOK, orders.Resource(o))
}

// fhirSearch finds orders of a hospital by identifier, or lists those that wait.
func (s *server) fhirSearch(c *call) error {
	q := c.r.URL.Query()
	for name := range q {
		if name != "identifier" && name != "_count" && name != "page" {
			return errBadRequest.with("orders are searched by identifier=system|value")
		}
	}
	limit, err := c.number("_count", order.MaxPage, order.MaxPage)
	if err != nil {
		return err
	}
	ctx, read := c.r.Context(), s.DB.Read(c.r.Context())
	f, err := c.hospital(ctx, read, "")
	if err != nil {
		return err
	}
	var page order.Page
	if token := q.Get("identifier"); token != "" {
		page.Items, err = byIdentifier(ctx, read, f.ID, token)
	} else {
		page, err = order.List(ctx, read, c.scope, order.Filter{Limit: limit, Cursor: q.Get("page")})
	}
	if err != nil {
		return err
	}
	entries := []any{}
	for _, o := range page.Items {
		entries = append(entries, map[string]any{"fullUrl": fhirBase + "/ServiceRequest/" + o.ID, "resource": orders.Resource(o), "search": map[string]any{"mode": "match"}})
	}
	bundle := map[string]any{"resourceType": "Bundle", "type": "searchset", "entry": entries}
	if page.Next != "" {
		bundle["link"] = []any{map[string]any{"relation": "next", "url": fhirBase + "/ServiceRequest?_count=" + strconv.Itoa(limit) + "&page=" + url.QueryEscape(page.Next)}}
	}
	return c.fhir(http.StatusOK, bundle)
}

// fhirCapability is the CapabilityStatement, FHIR R4 5.1.
func (s *server) fhirCapability(c *call) error {
	interactions := []any{}
	for _, code := range []string{"read", "create", "update", "search-type"} {
		interactions = append(interactions, map[string]any{"code": code})
	}
	return c.fhir(http.StatusOK, map[string]any{
		"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "fhirVersion": "4.0.1", "date": "2026-11-28",
		"format": []string{"json"}, "software": map[string]any{"name": "Dokuei", "version": s.Version}, "implementation": map[string]any{"description": "Orders of hospitals"},
		"rest": []any{map[string]any{
			"mode": "server", "interaction": []any{map[string]any{"code": "transaction"}, map[string]any{"code": "batch"}},
			"security": map[string]any{"description": "a bearer token of the hospital, or a client certificate"},
			"resource": []any{map[string]any{
				"type": "ServiceRequest", "interaction": interactions, "conditionalCreate": true, "conditionalUpdate": true, "updateCreate": false,
				"searchParam": []any{map[string]any{"name": "identifier", "type": "token"}},
			}},
		}},
	})
}

// failFHIR answers a request with an OperationOutcome.
func failFHIR(w http.ResponseWriter, p *Problem, err error) {
	code := map[int]string{
		http.StatusBadRequest: "invalid", http.StatusUnauthorized: "login", http.StatusForbidden: "forbidden", http.StatusNotFound: "not-found",
		http.StatusConflict: "conflict", http.StatusPreconditionFailed: "multiple-matches", http.StatusRequestEntityTooLarge: "too-long",
		http.StatusUnsupportedMediaType: "structure", http.StatusUnprocessableEntity: "processing", http.StatusTooManyRequests: "throttled",
	}[p.Status]
	if code == "" {
		code = "exception"
	}
	where, text := "", strings.TrimSpace(p.Title+" "+p.Detail)
	var value *order.ValueError
	var content *orders.ContentError
	switch {
	case errors.As(err, &value):
		where, code = orders.Element(value.Attribute), "value"
	case errors.As(err, &content):
		where, code = content.Where, "invalid"
	}
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(orders.Issue("error", code, text, where))
	w.Header().Set("Content-Type", fhirType)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body.Bytes())
}
