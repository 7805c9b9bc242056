package commitment

import (
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Instance is the well-known SOP Instance of the class, PS3.4 J.3.5.
const Instance = "1.2.840.10008.1.20.1.1"

// The action and the events, PS3.4 Tables J.3-1 and J.3-2.
const (
	RequestAction   uint16 = 1
	EventSuccessful uint16 = 1 // everything is committed
	EventFailures   uint16 = 2 // failures exist
)

// MaxItems is the most references a request may hold.
const MaxItems = 50_000

// Reason is a Failure Reason (0008,1197), PS3.3 C.14.1.1. Zero: committed.
type Reason uint16

// The failure reasons.
const (
	Committed             Reason = 0
	ProcessingFailure     Reason = 0x0110
	NoSuchObject          Reason = 0x0112
	ClassInstanceConflict Reason = 0x0119
	ClassNotSupported     Reason = 0x0122
	DuplicateTransaction  Reason = 0x0131
	ResourceLimitation    Reason = 0x0213
)

// Item is one referenced instance.
type Item struct {
	SOPClassUID, SOPInstanceUID string
	Reason                      Reason // of a result
}

// Request is the Action Information, Table J.3-1.
type Request struct {
	TransactionUID string
	Items          []Item
}

// Errors of a request that cannot be accepted.
var (
	ErrTransaction = errors.New("commitment: no valid Transaction UID")
	ErrItems       = errors.New("commitment: no references, or one that is no UID")
	ErrTooMany     = fmt.Errorf("commitment: more than %d references", MaxItems)
)

// ReadRequest reads the Action Information. An instance named twice counts once.
func ReadRequest(d *dataset.Dataset) (Request, error) {
	r := Request{TransactionUID: d.String(tag.TransactionUID)}
	if !uid.Valid(r.TransactionUID) {
		return Request{}, ErrTransaction
	}
	items, err := read(d.Items(tag.ReferencedSOPSequence))
	switch {
	case err != nil:
		return Request{}, err
	case len(items) == 0:
		return Request{}, ErrItems
	case len(items) > MaxItems:
		return Request{}, ErrTooMany
	}
	seen := make(map[Item]bool, len(items))
	for _, i := range items {
		if !seen[i] {
			seen[i] = true
			r.Items = append(r.Items, i)
		}
	}
	return r, nil
}

func read(items []*dataset.Dataset) ([]Item, error) {
	list := make([]Item, 0, len(items))
	for _, d := range items {
		i := Item{SOPClassUID: d.String(tag.ReferencedSOPClassUID), SOPInstanceUID: d.String(tag.ReferencedSOPInstanceUID)}
		if !uid.Valid(i.SOPClassUID) || !uid.Valid(i.SOPInstanceUID) {
			return nil, ErrItems
		}
		if n, ok := d.Int(tag.FailureReason); ok {
			i.Reason = Reason(n) //nolint:gosec // VR US: 16 bits
		}
		list = append(list, i)
	}
	return list, nil
}

// Dataset is the Action Information of the request.
func (r Request) Dataset() *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.TransactionUID, "UI", r.TransactionUID)
	d.SetItems(tag.ReferencedSOPSequence, references(r.Items)...)
	return d
}

// Result is the Event Information, Table J.3-2.
type Result struct {
	TransactionUID string
	Items          []Item // in the order of the request
}

// ReadResult reads the Event Information.
func ReadResult(d *dataset.Dataset) (Result, error) {
	r := Result{TransactionUID: d.String(tag.TransactionUID)}
	if !uid.Valid(r.TransactionUID) {
		return Result{}, ErrTransaction
	}
	for _, t := range []tag.Tag{tag.ReferencedSOPSequence, tag.FailedSOPSequence} {
		items, err := read(d.Items(t))
		if err != nil {
			return Result{}, err
		}
		r.Items = append(r.Items, items...)
	}
	return r, nil
}

// Event is the Event Type ID the result is reported with.
func (r Result) Event() uint16 {
	for _, i := range r.Items {
		if i.Reason != Committed {
			return EventFailures
		}
	}
	return EventSuccessful
}

// Dataset is the Event Information. retrieveAE is the AE title the committed
// instances may be had from.
func (r Result) Dataset(retrieveAE string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.TransactionUID, "UI", r.TransactionUID)
	if retrieveAE != "" {
		d.SetString(tag.RetrieveAETitle, "AE", retrieveAE)
	}
	var good, bad []Item
	for _, i := range r.Items {
		if i.Reason == Committed {
			good = append(good, i)
		} else {
			bad = append(bad, i)
		}
	}
	if len(good) > 0 {
		d.SetItems(tag.ReferencedSOPSequence, references(good)...)
	}
	if len(bad) > 0 {
		d.SetItems(tag.FailedSOPSequence, references(bad)...)
	}
	return d
}

func references(items []Item) []*dataset.Dataset {
	list := make([]*dataset.Dataset, len(items))
	for n, i := range items {
		d := dataset.New()
		d.SetString(tag.ReferencedSOPClassUID, "UI", i.SOPClassUID)
		d.SetString(tag.ReferencedSOPInstanceUID, "UI", i.SOPInstanceUID)
		if i.Reason != Committed {
			d.SetInt(tag.FailureReason, "US", int(i.Reason))
		}
		list[n] = d
	}
	return list
}
