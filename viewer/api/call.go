package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// maxBody bounds the JSON of a request; a report of a hundred pages fits.
const maxBody = 1 << 20

// call is one request of a principal.
type call struct {
	*server
	w     http.ResponseWriter
	r     *http.Request
	route route
	who   identity.Principal
	scope identity.Scope
}

// id is the path's {id}, in the form of our keys or not at all.
func (c *call) id() (string, error) {
	id := c.r.PathValue("id")
	if !db.ValidID(id) {
		return "", errNotFound
	}
	return id, nil
}

// read decodes the JSON body into v. Unknown members are errors: a client's
// typing error should not be taken for consent to a default.
func (c *call) read(v any) error {
	if ct, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || ct != "application/json" {
		return errMediaType
	}
	dec := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return errTooLarge
		}
		return errBadRequest.with(err.Error())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errBadRequest.with("there is more than one JSON value")
	}
	return nil
}

// json answers with v, not to be cached.
func (c *call) json(status int, v any) error {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	return json.NewEncoder(c.w).Encode(v)
}

// number is a parameter of the query from 1 to a greatest, or what it is without one.
func (c *call) number(name string, otherwise, most int) (int, error) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, errBadRequest.with(name + " is a number from 1 to " + strconv.Itoa(most))
	}
	return n, nil
}

// limit is the page size asked for; 0 leaves the choice to the list.
func (c *call) limit() (int, error) { return c.number("limit", 0, maxLimit) }

const (
	maxLimit = 200
	maxTyped = 1024 // bytes of a search
)

var errLimit = errBadRequest.with("limit is a number from 1 to 200")

// searchable checks what a list is asked for, wherever it stood; a limit of 0
// leaves the choice to the list.
func searchable(typed string, limit int) error {
	if limit < 0 || limit > maxLimit {
		return errLimit
	}
	if len(typed) > maxTyped {
		return errBadRequest.with("q is too long")
	}
	return nil
}

// language is the one of the page: what it asks for, else what the browser
// prefers.
func (c *call) language() string {
	asked := c.r.URL.Query().Get("lang") + "," + c.r.Header.Get("Accept-Language")
	for part := range strings.SplitSeq(asked, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary {
		case "ja", "en":
			return primary
		}
	}
	return reports.DefaultLanguage
}

// moment is a time in JSON, null when it has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// orNull is a text in JSON, null when it is empty.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
