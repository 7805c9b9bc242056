package dicomweb

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

const (
	mostJSON  = 1 << 20 // bytes of a data set in JSON
	mostNests = 8       // levels of sequences in it
)

// readDataset reads the one data set of a body in the DICOM JSON model (PS3.18 F.2),
// alone or as the one member of an array.
func (q *Request) readDataset() (*dataset.Dataset, error) {
	if kind, _, err := mime.ParseMediaType(q.R.Header.Get("Content-Type")); err != nil || kind != jsonType && kind != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, "the body is application/dicom+json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(q.W, q.R.Body, mostJSON))
	if err != nil {
		return nil, refuse(http.StatusRequestEntityTooLarge, "a data set has at most %d bytes of JSON", mostJSON)
	}
	if len(body) == 0 {
		return nil, nil
	}
	d, err := parseDataset(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%s", err)
	}
	return d, nil
}

// given is a data element as a client writes it.
type given struct {
	VR           string            `json:"vr"`
	Value        []json.RawMessage `json:"Value"`
	InlineBinary *string           `json:"InlineBinary"`
	BulkDataURI  *string           `json:"BulkDataURI"`
}

func parseDataset(body []byte) (*dataset.Dataset, error) {
	var list []map[string]given
	if err := json.Unmarshal(body, &list); err != nil {
		list = make([]map[string]given, 1)
		if json.Unmarshal(body, &list[0]) != nil {
			return nil, errors.New("the body is not a data set in JSON")
		}
	}
	if len(list) != 1 {
		return nil, errors.New("the body is one data set")
	}
	return datasetOf(list[0], 0)
}

func datasetOf(m map[string]given, depth int) (*dataset.Dataset, error) {
	d := dataset.New()
	for name, e := range m {
		n, err := strconv.ParseUint(name, 16, 32)
		if err != nil || len(name) != 8 {
			return nil, errors.New("the name of an attribute is its tag, in eight hexadecimal digits")
		}
		t := tag.Tag(n)
		if t == tag.SpecificCharacterSet {
			continue // JSON is UTF-8, whatever the data set was
		}
		if err := setElement(d, t, e, depth); err != nil {
			return nil, fmt.Errorf("%s %w", t, err)
		}
	}
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	return d, nil
}

func setElement(d *dataset.Dataset, t tag.Tag, e given, depth int) error {
	switch vr := e.VR; {
	case e.BulkDataURI != nil:
		return errors.New("is by reference: values stand in the body")
	case vr == "SQ":
		if depth == mostNests {
			return errors.New("is nested too deeply")
		}
		items := make([]*dataset.Dataset, 0, len(e.Value))
		for _, raw := range e.Value {
			var m map[string]given
			if err := json.Unmarshal(raw, &m); err != nil {
				return errors.New("has an item that is not a data set")
			}
			item, err := datasetOf(m, depth+1)
			if err != nil {
				return err
			}
			item.Delete(tag.SpecificCharacterSet)
			items = append(items, item)
		}
		d.SetItems(t, items...)
	case binary(vr):
		if e.InlineBinary == nil {
			d.SetBytes(t, vr, nil)
			return nil
		}
		b, err := base64.StdEncoding.DecodeString(*e.InlineBinary)
		if err != nil {
			return errors.New("is not base64")
		}
		d.SetBytes(t, vr, b)
	case vr == "AT":
		tags := make([]int, len(e.Value))
		for i, raw := range e.Value {
			var s string
			n, err := uint64(0), json.Unmarshal(raw, &s)
			if err == nil {
				n, err = strconv.ParseUint(s, 16, 32)
			}
			if err != nil {
				return errors.New("is not a tag")
			}
			tags[i] = int(n)
		}
		d.SetInt(t, vr, tags...)
	default:
		return setValues(d, t, vr, e.Value)
	}
	return nil
}

// setValues sets text and numbers.
func setValues(d *dataset.Dataset, t tag.Tag, vr string, list []json.RawMessage) error {
	texts := make([]string, len(list))
	for i, raw := range list {
		s, err := textOf(vr, raw)
		if err != nil {
			return err
		}
		texts[i] = s
	}
	switch vr {
	case "US", "SS", "UL", "SL", "UV", "SV":
		values := make([]int, len(texts))
		for i, s := range texts {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return errors.New("is not a whole number")
			}
			values[i] = int(n)
		}
		d.SetInt(t, vr, values...)
	case "FL", "FD":
		values := make([]float64, len(texts))
		for i, s := range texts {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return errors.New("is not a number")
			}
			values[i] = f
		}
		d.SetFloat(t, vr, values...)
	case "AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT":
		d.SetString(t, vr, texts...)
	default:
		return errors.New("has no VR of the standard")
	}
	return nil
}

// textOf is one value: a string, a number, null, or a name by its groups.
func textOf(vr string, raw json.RawMessage) (string, error) {
	if string(raw) == "null" {
		return "", nil
	}
	if vr == "PN" {
		var n name
		if err := json.Unmarshal(raw, &n); err != nil {
			return "", errors.New("is not a name by its groups")
		}
		return strings.TrimRight(n.Alphabetic+"="+n.Ideographic+"="+n.Phonetic, "="), nil
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return "", errors.New("is not a value")
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", errors.New("is neither text nor a number")
}
