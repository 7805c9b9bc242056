package api_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// A viewer from a named origin may read over DICOMweb, and nothing else anywhere
// else; others get no word that a browser would let them read by.
func TestViewersFromElsewhere(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.SendStudy(t, "kaifu", "P1", 1)
	v := h.as(t, "kaifu")
	allow := "Access-Control-Allow-Origin"
	for _, c := range []struct {
		origin, path string
		let          bool
	}{
		{"https://viewer.example", web + "/studies", true},
		{"https://viewer.example.evil", web + "/studies", false},
		{"null", web + "/studies", false},
		{"", web + "/studies", false},
		{"https://viewer.example", "/api/v1/session", false},
		{"https://viewer.example", "/", false},
	} {
		a := v.do("GET", c.path, nil, "Origin", c.origin)
		got := a.Header.Get(allow)
		if (got == c.origin && got != "") != c.let || got == "*" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s from %q: %q", c.path, c.origin, got)
		}
	}
	ask := h.anonymous(t).do("OPTIONS", web+"/studies", nil, "Origin", "https://viewer.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
	if ask.Status != 204 || !strings.Contains(ask.Header.Get("Access-Control-Allow-Headers"), "Authorization") || ask.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD" {
		t.Errorf("preflight %d %v", ask.Status, ask.Header)
	}
	// What changes stays closed to other origins, with a cookie or without.
	v.do("POST", web+"/studies", "x", "Origin", "https://viewer.example", "Sec-Fetch-Site", "cross-site").want(403, "cross_origin")
}

// Metadata and searches in XML for those who ask for it, JSON for everybody else.
func TestDICOMwebXML(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.SendStudy(t, "kaifu", "P1", 2)
	v := h.as(t, "kaifu")
	const accept = `multipart/related; type="application/dicom+xml"`
	found, kinds := parts(v.do("GET", web+"/studies", nil, "Accept", accept))
	if len(found) != 1 || kinds[0] != "application/dicom+xml" {
		t.Fatalf("%d parts of %v", len(found), kinds)
	}
	study := models(v.do("GET", web+"/studies", nil, "Accept", "*/*"))[0]
	uid, _ := at(study, "0020000D", "Value", 0).(string)
	if !bytes.Contains(found[0], []byte(uid)) || !bytes.Contains(found[0], []byte("<FamilyName>")) {
		t.Errorf("found %s", found[0])
	}
	headers, _ := parts(v.do("GET", web+"/studies/"+uid+"/metadata", nil, "Accept", accept+"; q=1, application/dicom+json; q=0.5"))
	if len(headers) != 2 {
		t.Fatalf("%d headers", len(headers))
	}
	for _, one := range headers {
		var m struct {
			XMLName   xml.Name `xml:"http://dicom.nema.org/PS3.19/models/NativeDICOM NativeDicomModel"`
			Attribute []struct {
				Tag  string `xml:"tag,attr"`
				Bulk *struct {
					URI string `xml:"uri,attr"`
				} `xml:"BulkData"`
			} `xml:"DicomAttribute"`
		}
		if err := xml.Unmarshal(one, &m); err != nil {
			t.Fatalf("%v in %s", err, one)
		}
		pixels := false
		for _, a := range m.Attribute {
			pixels = pixels || a.Tag == "7FE00010" && a.Bulk != nil && strings.HasSuffix(a.Bulk.URI, "/frames")
		}
		if !pixels {
			t.Error("the pixels have no address")
		}
	}
	models(v.do("GET", web+"/studies/"+uid+"/metadata", nil, "Accept", "application/dicom+json, "+accept+"; q=0.5"))
}
