package dataset

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// String returns the first value as text: decoded with the character set in force,
// without padding. A number is written in decimal. "" when there is none.
func (d *Dataset) String(t tag.Tag) string {
	e := d.find(t)
	if e == nil {
		return ""
	}
	if v := d.values(e); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Strings returns all values as text, like String.
func (d *Dataset) Strings(t tag.Tag) []string {
	e := d.find(t)
	if e == nil {
		return nil
	}
	return d.values(e)
}

// Quality tells how well the text of an element could be decoded.
func (d *Dataset) Quality(t tag.Tag) charset.Quality {
	e := d.find(t)
	if e == nil || !e.vr.Text() || e.unicode {
		return charset.Exact
	}
	_, q := d.text().Decode(e.vr.String(), e.value)
	return q
}

func (d *Dataset) values(e *element) []string {
	if len(e.value) == 0 {
		return nil
	}
	vr := e.vr
	if !vr.Text() && vr.Unit() == 1 {
		if !printable(e.value) {
			return nil
		}
		vr = stream.LO // UN and private bytes that hold text
	}
	if !vr.Text() {
		return numbers(e)
	}
	s := string(e.value)
	if !e.unicode {
		s, _ = d.text().Decode(vr.String(), e.value)
	}
	if single(vr) {
		// PS3.5 Table 6.2-1: leading spaces belong to LT, ST and UT.
		if s = strings.TrimRight(s, " \x00"); s == "" {
			return nil
		}
		return []string{s}
	}
	v := strings.Split(s, `\`)
	for i := range v {
		v[i] = strings.Trim(v[i], " \x00")
	}
	if len(v) == 1 && v[0] == "" {
		return nil
	}
	return v
}

// single reports whether a backslash is no delimiter (PS3.5 §6.4).
func single(vr stream.VR) bool {
	return vr == stream.LT || vr == stream.ST || vr == stream.UT || vr == stream.UR
}

// splitPlain splits a value of the default repertoire.
func splitPlain(s string) []string {
	s = strings.Trim(s, " \x00")
	if s == "" {
		return nil
	}
	v := strings.Split(s, `\`)
	for i := range v {
		v[i] = strings.Trim(v[i], " \x00")
	}
	return v
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != 0 && c != '\r' && c != '\n' && c != '\t' && c != 0x1b {
			return false
		}
	}
	return true
}

// numbers writes binary values in decimal, tags as "(gggg,eeee)".
func numbers(e *element) []string {
	n := len(e.value) / e.vr.Unit()
	if e.vr == stream.AT {
		n = len(e.value) / 4
	}
	v := make([]string, 0, n)
	for i := range n {
		switch {
		case e.vr == stream.AT:
			b := e.value[4*i:]
			v = append(v, tag.New(binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])).String())
		case float(e.vr):
			f, _ := floatAt(e, i)
			v = append(v, strconv.FormatFloat(f, 'g', -1, floatBits(e.vr)))
		case e.vr == stream.UV || e.vr == stream.OV:
			v = append(v, strconv.FormatUint(binary.LittleEndian.Uint64(e.value[8*i:]), 10))
		default:
			k, _ := intAt(e, i)
			v = append(v, strconv.FormatInt(k, 10))
		}
	}
	return v
}

func float(vr stream.VR) bool {
	return vr == stream.FL || vr == stream.FD || vr == stream.OF || vr == stream.OD
}

func floatBits(vr stream.VR) int {
	if vr == stream.FD || vr == stream.OD {
		return 64
	}
	return 32
}

// Int returns the first value as an integer: of a binary number, of an IS, or of a DS
// that is whole.
func (d *Dataset) Int(t tag.Tag) (int, bool) {
	v := d.Ints(t)
	if len(v) == 0 {
		return 0, false
	}
	return v[0], true
}

// Ints returns all values as integers; nil when one of them is none.
func (d *Dataset) Ints(t tag.Tag) []int {
	e := d.find(t)
	if e == nil || len(e.value) == 0 {
		return nil
	}
	if e.vr.Text() || e.vr == stream.UN {
		return wholes(d.values(e))
	}
	n := len(e.value) / e.vr.Unit()
	v := make([]int, n)
	for i := range v {
		k, ok := intAt(e, i)
		if !ok {
			return nil
		}
		v[i] = int(k)
	}
	return v
}

func wholes(text []string) []int {
	v := make([]int, len(text))
	for i, s := range text {
		k, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
		if err != nil {
			// "512.0" in an IS and whole numbers in a DS.
			f, ferr := strconv.ParseFloat(s, 64)
			if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
				return nil
			}
			k = int(f)
		}
		v[i] = k
	}
	return v
}

func intAt(e *element, i int) (int64, bool) {
	unit := e.vr.Unit()
	if (i+1)*unit > len(e.value) {
		return 0, false
	}
	b := e.value[i*unit:]
	switch e.vr {
	case stream.US, stream.OW, stream.AT:
		return int64(binary.LittleEndian.Uint16(b)), true
	case stream.SS:
		return int64(int16(binary.LittleEndian.Uint16(b))), true
	case stream.UL, stream.OL:
		return int64(binary.LittleEndian.Uint32(b)), true
	case stream.SL:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case stream.SV, stream.UV, stream.OV:
		k := binary.LittleEndian.Uint64(b)
		return int64(k), e.vr == stream.SV || k <= math.MaxInt64
	case stream.FL, stream.FD, stream.OF, stream.OD:
		f, _ := floatAt(e, i)
		return int64(f), f == math.Trunc(f) && math.Abs(f) <= 1<<53
	}
	return 0, false
}

func floatAt(e *element, i int) (float64, bool) {
	if floatBits(e.vr) == 64 && float(e.vr) {
		return math.Float64frombits(binary.LittleEndian.Uint64(e.value[8*i:])), true
	}
	if float(e.vr) {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(e.value[4*i:]))), true
	}
	k, ok := intAt(e, i)
	return float64(k), ok
}

// Float returns the first value as a number; a value that is not finite counts as
// none.
func (d *Dataset) Float(t tag.Tag) (float64, bool) {
	v := d.Floats(t)
	if len(v) == 0 {
		return 0, false
	}
	return v[0], true
}

// Floats returns all values as finite numbers; nil when one of them is none.
func (d *Dataset) Floats(t tag.Tag) []float64 {
	e := d.find(t)
	if e == nil || len(e.value) == 0 {
		return nil
	}
	var v []float64
	if e.vr.Text() || e.vr == stream.UN {
		text := d.values(e)
		v = make([]float64, len(text))
		for i, s := range text {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				// A decimal comma is not allowed by PS3.5 Table 6.2-1 and is written.
				if f, err = strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err != nil {
					return nil
				}
			}
			v[i] = f
		}
	} else {
		v = make([]float64, len(e.value)/e.vr.Unit())
		for i := range v {
			f, ok := floatAt(e, i)
			if !ok {
				return nil
			}
			v[i] = f
		}
	}
	for _, f := range v {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
	}
	return v
}

// Raw returns the bytes of a value, numbers little endian, with their VR. The slice
// belongs to d. ok is false for sequences, encapsulated and omitted values.
func (d *Dataset) Raw(t tag.Tag) (b []byte, vr stream.VR, ok bool) {
	e := d.find(t)
	if e == nil || e.vr == stream.SQ || e.fragments != nil || e.omitted > 0 {
		return nil, 0, false
	}
	return e.value, e.vr, true
}

// Items returns the items of a sequence.
func (d *Dataset) Items(t tag.Tag) []*Dataset {
	if e := d.find(t); e != nil {
		return e.items
	}
	return nil
}

// Item returns the first item of a sequence, or an empty data set.
func (d *Dataset) Item(t tag.Tag) *Dataset {
	if it := d.Items(t); len(it) > 0 {
		return it[0]
	}
	return &Dataset{parent: d}
}

// Fragments returns the pieces of an encapsulated value, the Basic Offset Table first.
func (d *Dataset) Fragments(t tag.Tag) [][]byte {
	if e := d.find(t); e != nil {
		return e.fragments
	}
	return nil
}
