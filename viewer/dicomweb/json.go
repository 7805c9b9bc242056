package dicomweb

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

const jsonType = "application/dicom+json"

// inlineMost is the longest binary value that stands in the JSON itself.
const inlineMost = 1024

// element is a data element in JSON (PS3.18 F.2.2).
type element struct {
	VR           string `json:"vr"`
	Value        []any  `json:"Value,omitempty"`
	BulkDataURI  string `json:"BulkDataURI,omitempty"`
	InlineBinary string `json:"InlineBinary,omitempty"`
}

// model is a data set in JSON, by tag (PS3.18 F.2.1).
type model map[string]element

func (m model) set(t tag.Tag, vr string, values ...any) {
	m[key(t)] = element{VR: vr, Value: values}
}

func key(t tag.Tag) string {
	const digits = "0123456789ABCDEF"
	var b [8]byte
	for i := range b {
		b[i] = digits[uint32(t)>>(28-4*i)&15]
	}
	return string(b[:])
}

// name is a person name in JSON (PS3.18 F.2.3).
type name struct {
	Alphabetic  string `json:"Alphabetic,omitempty"`
	Ideographic string `json:"Ideographic,omitempty"`
	Phonetic    string `json:"Phonetic,omitempty"`
}

// values puts the text of values into JSON by their VR.
func values(vr string, texts []string) []any {
	var out []any
	for _, s := range texts {
		switch vr {
		case "PN":
			a, i, p := charset.SplitPN(s)
			if a == "" && i == "" && p == "" {
				out = append(out, nil)
				continue
			}
			out = append(out, name{a, i, p})
		case "DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "UV", "SV":
			out = append(out, number(s))
		default:
			if s == "" {
				out = append(out, nil)
				continue
			}
			out = append(out, s)
		}
	}
	// One empty value is no value.
	if len(out) == 1 && out[0] == nil {
		return nil
	}
	return out
}

// number is the text of a number as one, null when there is none, the text itself
// when it is not one: what is wrong in an object is not hidden.
func number(s string) any {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return s
}

// modelOf puts a data set into JSON. at is the address of its values, to which a
// path is added (PS3.18 §10.4.1.1.5); empty when every value is to stand in the JSON.
func modelOf(d *dataset.Dataset, at string) model {
	m := make(model, d.Len())
	for _, t := range d.Tags() {
		if t&0xFFFF == 0 { // group lengths are of an encoding, not of a data set
			continue
		}
		vr, _ := d.VR(t)
		e := element{VR: vr.String()}
		uri := at
		if at != "" {
			uri += "/" + key(t)
		}
		_, omitted := d.Omitted(t)
		raw, _, plain := d.Raw(t)
		switch {
		case e.VR == "SQ":
			for n, item := range d.Items(t) {
				e.Value = append(e.Value, modelOf(item, below(uri, n)))
			}
		case omitted, !plain:
			e.BulkDataURI = uri
		case binary(e.VR) && len(raw) > inlineMost && at != "":
			e.BulkDataURI = uri
		case binary(e.VR):
			e.InlineBinary = base64.StdEncoding.EncodeToString(raw)
		case e.VR == "AT":
			for ; len(raw) >= 4; raw = raw[4:] {
				e.Value = append(e.Value, key(tag.Tag(uint32(raw[1])<<24|uint32(raw[0])<<16|uint32(raw[3])<<8|uint32(raw[2]))))
			}
		default:
			e.Value = values(e.VR, d.Strings(t))
		}
		m[key(t)] = e
	}
	return m
}

// below is the address of an item.
func below(uri string, item int) string {
	if uri == "" {
		return ""
	}
	return uri + "/" + strconv.Itoa(item+1)
}

// binary VRs are bytes in JSON.
func binary(vr string) bool {
	switch vr {
	case "OB", "OW", "OD", "OF", "OL", "OV", "UN":
		return true
	}
	return false
}
