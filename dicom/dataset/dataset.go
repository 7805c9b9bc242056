package dataset

import (
	"slices"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Dataset is a set of elements, ordered by tag. Make one with New or Read.
type Dataset struct {
	elements []element
	parent   *Dataset         // the data set that holds the sequence this is an item of
	decoder  *charset.Decoder // of the own Specific Character Set; nil without one
}

// element is one element. Exactly one of value, items and fragments is in use.
type element struct {
	tag       tag.Tag
	vr        stream.VR
	unicode   bool   // value is UTF-8 text still to be encoded in the character set
	omitted   uint32 // length of a value that was too long to keep
	value     []byte // little endian
	items     []*Dataset
	fragments [][]byte // of an encapsulated value, the Basic Offset Table first
}

// New returns an empty data set.
func New() *Dataset { return new(Dataset) }

// Len returns how many elements d has, items of sequences not counted.
func (d *Dataset) Len() int { return len(d.elements) }

// Tags returns the tags of d in order.
func (d *Dataset) Tags() []tag.Tag {
	ts := make([]tag.Tag, len(d.elements))
	for i := range d.elements {
		ts[i] = d.elements[i].tag
	}
	return ts
}

// Has reports whether d has the element, with or without a value.
func (d *Dataset) Has(t tag.Tag) bool { return d.find(t) != nil }

// VR returns the value representation of an element of d.
func (d *Dataset) VR(t tag.Tag) (stream.VR, bool) {
	if e := d.find(t); e != nil {
		return e.vr, true
	}
	return 0, false
}

// Omitted returns the length of a value that ReadHeader left out for its size.
func (d *Dataset) Omitted(t tag.Tag) (uint32, bool) {
	if e := d.find(t); e != nil && e.omitted > 0 {
		return e.omitted, true
	}
	return 0, false
}

// Delete removes an element.
func (d *Dataset) Delete(t tag.Tag) {
	if i, ok := d.search(t); ok {
		d.elements = slices.Delete(d.elements, i, i+1)
	}
	if t == tag.SpecificCharacterSet {
		d.decoder = nil
	}
}

func (d *Dataset) search(t tag.Tag) (int, bool) {
	return slices.BinarySearchFunc(d.elements, t, func(e element, t tag.Tag) int {
		switch {
		case e.tag < t:
			return -1
		case e.tag > t:
			return 1
		}
		return 0
	})
}

func (d *Dataset) find(t tag.Tag) *element {
	if i, ok := d.search(t); ok {
		return &d.elements[i]
	}
	return nil
}

// put adds or replaces an element and keeps what depends on it true.
func (d *Dataset) put(e element) {
	for _, it := range e.items {
		it.parent = d
	}
	if n := len(d.elements); n == 0 || d.elements[n-1].tag < e.tag {
		d.elements = append(d.elements, e)
	} else if i, ok := d.search(e.tag); ok {
		d.elements[i] = e
	} else {
		d.elements = slices.Insert(d.elements, i, e)
	}
	if e.tag == tag.SpecificCharacterSet {
		d.decoder = charset.NewDecoder(splitPlain(string(e.value)))
	}
}

// text returns the decoder in force in d.
func (d *Dataset) text() *charset.Decoder {
	for p := d; p != nil; p = p.parent {
		if p.decoder != nil {
			return p.decoder
		}
	}
	return plain
}

// plain decodes where no Specific Character Set is declared: ISO IR 6.
var plain = charset.NewDecoder(nil)
