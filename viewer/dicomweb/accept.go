package dicomweb

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/uid"
)

// choice is a media type that a client takes (PS3.18 §8.7.5), the inner one of a
// multipart answer.
type choice struct {
	multipart bool
	kind      string // application/dicom, image/jpeg, …; "*/*"
	syntax    string // transfer-syntax; "" is the default of kind, "*" any
	q         float64
}

// accepted lists what a client takes, what it likes best first. Nothing said is
// everything.
func accepted(r *http.Request) []choice {
	fields := r.Header.Values("Accept")
	if a := r.URL.Query().Get("accept"); a != "" { // §8.3.3.1
		fields = []string{a}
	}
	var out []choice
	for _, field := range fields {
		for _, one := range split(field) {
			kind, params, err := mime.ParseMediaType(quoted(one))
			if err != nil {
				continue
			}
			c := choice{kind: kind, syntax: params["transfer-syntax"], q: 1}
			if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
				c.q = q
			}
			if kind == "multipart/related" {
				c.multipart = true
				if c.kind = params["type"]; c.kind == "" {
					c.kind = "*/*"
				}
			}
			if c.q > 0 {
				out = append(out, c)
			}
		}
	}
	if len(fields) == 0 {
		return []choice{{kind: "*/*", q: 1}}
	}
	slices.SortStableFunc(out, func(a, b choice) int { return cmp.Compare(b.q, a.q) })
	return out
}

// quoted puts the quotes around a media type inside a parameter that clients leave
// out (OHIF does unless told otherwise), without which it is no parameter (RFC 9110
// §5.6.6): type=application/octet-stream.
func quoted(one string) string {
	parts := strings.Split(one, ";")
	for i, p := range parts[1:] {
		if name, value, ok := strings.Cut(p, "="); ok && strings.Contains(value, "/") && !strings.Contains(value, `"`) {
			parts[i+1] = name + `="` + strings.TrimSpace(value) + `"`
		}
	}
	return strings.Join(parts, ";")
}

// split cuts a list at its commas, but not at those inside quotes.
func split(field string) []string {
	var out []string
	quoted, from := false, 0
	for i, c := range field {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			out = append(out, field[from:i])
			from = i + 1
		}
	}
	return append(out, field[from:])
}

// takes tells whether a choice covers a media type.
func (c choice) takes(kind string) bool {
	family, _, _ := strings.Cut(kind, "/")
	return c.kind == kind || c.kind == "*/*" || c.kind == family+"/*"
}

const (
	dicomType  = "application/dicom"
	octetType  = "application/octet-stream"
	jphcType   = "image/jphc"
	jpegType   = "image/jpeg"
	pngType    = "image/png"
	nativeLike = uid.ExplicitVRLittleEndian
)

// streamTypes are the media types of compressed frames (PS3.18 Table 8.7.3-5).
var streamTypes = map[string]string{
	uid.JPEGBaseline8Bit: jpegType, uid.JPEGExtended12Bit: jpegType, uid.JPEGLossless: jpegType, uid.JPEGLosslessSV1: jpegType,
	uid.RLELossless: "image/dicom-rle", uid.JPEGLSLossless: "image/jls", uid.JPEGLSNearLossless: "image/jls",
	uid.JPEG2000Lossless: "image/jp2", uid.JPEG2000: "image/jp2",
	uid.HTJ2KLossless: jphcType, uid.HTJ2KLosslessRPCL: jphcType, uid.HTJ2K: jphcType,
}

// defaults are the transfer syntaxes that a media type means when it does not say.
var defaults = map[string]string{
	jpegType: uid.JPEGBaseline8Bit, "image/dicom-rle": uid.RLELossless, "image/jls": uid.JPEGLSLossless, "image/jp2": uid.JPEG2000Lossless, jphcType: uid.HTJ2KLossless,
}

// form is how frames go out.
type form struct {
	kind, syntax string
	stored       bool // as they are kept
	multipart    bool
}

// frameForm finds the form of frames kept in a transfer syntax that a client takes.
// Native ones are never kept as streams.
func frameForm(list []choice, stored string) (form, bool) {
	kind, compressed := streamTypes[stored]
	for _, c := range list {
		multipart := c.multipart || c.kind == "*/*"
		switch {
		case compressed && c.takes(octetType) && c.syntax == "*" && c.kind != "*/*",
			compressed && c.takes(octetType) && c.syntax == stored:
			return form{kind, stored, true, multipart}, true
		case compressed && c.kind != "*/*" && c.takes(kind) && (c.syntax == "*" || c.syntax == stored || c.syntax == "" && defaults[kind] == stored):
			return form{kind, stored, true, multipart}, true
		case c.takes(octetType) && (c.syntax == "" || c.syntax == "*" || c.syntax == nativeLike):
			return form{octetType, nativeLike, false, multipart}, true
		case c.kind == jphcType && (c.syntax == "" || c.syntax == "*" || c.syntax == uid.HTJ2KLossless || c.syntax == uid.HTJ2KLosslessRPCL):
			return form{jphcType, uid.HTJ2KLosslessRPCL, false, multipart}, true
		}
	}
	return form{}, false
}
