package dicomweb

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"

	"github.com/dokuei/dokuei/dicom/tag"
)

const xmlType = "application/dicom+xml"

// prefersXML tells whether the client takes XML and likes JSON no better: it is asked
// for by name, since everything else means JSON (PS3.18 §8.7.5, Tables 8.7.3-1 to -5).
func (q *Request) prefersXML() bool {
	for _, c := range accepted(q.R) {
		switch c.kind {
		case xmlType:
			return true
		case jsonType, "application/json", "application/*", "*/*":
			return false
		}
	}
	return false
}

// native writes a data set as the Native DICOM Model (PS3.19 A.1).
func native(m model) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">`)
	attributes(&b, m)
	b.WriteString("</NativeDicomModel>\n")
	return b.Bytes()
}

func attributes(b *bytes.Buffer, m model) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		e := m[k]
		fmt.Fprintf(b, `<DicomAttribute tag="%s" vr="%s"%s>`, k, e.VR, keyword(k))
		switch {
		case e.BulkDataURI != "":
			b.WriteString(`<BulkData uri="`)
			escape(b, e.BulkDataURI)
			b.WriteString(`"/>`)
		case e.InlineBinary != "":
			b.WriteString("<InlineBinary>" + e.InlineBinary + "</InlineBinary>")
		}
		for n, v := range e.Value {
			value(b, n+1, v)
		}
		b.WriteString("</DicomAttribute>")
	}
}

// keyword is the attribute of that name; what the dictionary does not know has none.
func keyword(k string) string {
	n, err := strconv.ParseUint(k, 16, 32)
	if err != nil {
		return ""
	}
	word := tag.Tag(n).Keyword()
	if t, ok := tag.ByKeyword(word); !ok || t != tag.Tag(n) {
		return ""
	}
	return ` keyword="` + word + `"`
}

func value(b *bytes.Buffer, number int, v any) {
	switch v := v.(type) {
	case nil:
		fmt.Fprintf(b, `<Value number="%d"/>`, number)
	case model:
		fmt.Fprintf(b, `<Item number="%d">`, number)
		attributes(b, v)
		b.WriteString("</Item>")
	case name:
		fmt.Fprintf(b, `<PersonName number="%d">`, number)
		for _, g := range []struct{ as, text string }{{"Alphabetic", v.Alphabetic}, {"Ideographic", v.Ideographic}, {"Phonetic", v.Phonetic}} {
			if g.text != "" {
				personName(b, g.as, g.text)
			}
		}
		b.WriteString("</PersonName>")
	default:
		fmt.Fprintf(b, `<Value number="%d">`, number)
		escape(b, fmt.Sprint(v))
		b.WriteString("</Value>")
	}
}

// personName writes a group of a name by its components (PS3.5 6.2.1).
func personName(b *bytes.Buffer, group, text string) {
	b.WriteString("<" + group + ">")
	for i, part := range bytes.Split([]byte(text), []byte("^")) {
		if i < len(components) && len(part) > 0 {
			b.WriteString("<" + components[i] + ">")
			escape(b, string(part))
			b.WriteString("</" + components[i] + ">")
		}
	}
	b.WriteString("</" + group + ">")
}

var components = [...]string{"FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"}

// escape writes text as character data; what XML cannot hold becomes U+FFFD.
func escape(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(text)) } // a buffer takes everything

// xmlParts answers with one part for each data set (PS3.18 §8.7.3.2).
func (q *Request) xmlParts(sets []model) error {
	out := newRelated(q, xmlType)
	for _, m := range sets {
		if err := out.xml(m); err != nil {
			return out.abort(err)
		}
	}
	if err := out.w.Close(); err != nil {
		return out.abort(err)
	}
	return nil
}

func (r *related) xml(m model) error {
	text := native(m)
	w, err := r.part(xmlType, "", int64(len(text)))
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
