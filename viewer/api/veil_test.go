package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
)

// identifiers are what says who the patient of secretStudy is, in every form and
// character set they are kept in.
var identifiers = []string{
	"YAMADA", "Yamada", "TARO", "山田", "太郎", "やまだ", "たろう", "\x1b$B;3ED", "\x1b$BB@O:", "kaifu-secret", "19480305", "1948-03-05", "1948/3/5", "Akaifu-secret", "0884-77-1234",
}

// veiled makes kaifu a hospital whose patients readers know by pseudonyms.
func (h *house) veiled(t *testing.T) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return worklist.SetFacilityProfile(ctx, tx, "kaifu", worklist.FacilityProfile{Pseudonymous: true})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// secretStudy is a study whose every text names its patient.
func (h *house) secretStudy(t *testing.T) reportstest.Sent {
	t.Helper()
	s := reportstest.Sent{StudyInstanceUID: "2.25.771", SeriesInstanceUID: "2.25.772"}
	d := reportstest.CT(s.StudyInstanceUID, s.SeriesInstanceUID, "2.25.773", 1, "kaifu-secret")
	d.SetString(tag.StudyDescription, "LO", "頭部CT 山田太郎様")
	d.SetString(tag.SeriesDescription, "LO", "HEAD YAMADA")
	d.SetString(tag.PatientComments, "LT", "tel 0884-77-1234")
	d.SetString(tag.OtherPatientNames, "PN", "YAMADA^T")
	d.SetString(tag.New(0x0040, 0x1002), "LO", "ヤマダ 様 右片麻痺 1948/3/5生")
	r := h.Send(t, "kaifu", d)
	s.StudyID, s.InstanceIDs = r.StudyID, []string{r.InstanceID}
	s.WorkitemID = h.Release(t, s.StudyID)
	return s
}

// A reader of a pseudonymised hospital gets none of the patient's identifiers in any
// byte of any answer, whatever is asked, before and after the report; the report goes
// back to the hospital with the patient's name.
func TestPseudonymisedReading(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.veiled(t)
	s := h.secretStudy(t)
	sato, kaifu := h.as(t, "sato"), h.as(t, "kaifu")
	kaifu.do("POST", "/api/v1/rooms/"+s.StudyID+"/messages", map[string]any{"body": "山田さん(kaifu-secret)は 1948/3/5 生まれ、右片麻痺です"}).want(201, "")
	report := h.signed(t, s, "sato")
	h.as(t, "sato").do("POST", "/api/v1/studies/"+s.StudyID+"/addendum", map[string]any{}).want(201, "")

	page := sato.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	name, _ := at(page, "patient", "name").(string)
	if len(name) != 9 || at(page, "patient", "patientId") != name || at(page, "patient", "age") != 78.0 || at(page, "patient", "birthDate") != "" {
		t.Errorf("the patient is %v", page["patient"])
	}
	if at(page, "description") != "頭部CT ***様" || !strings.Contains(at(page, "requestText").(string), "右片麻痺") {
		t.Errorf("the texts are %v, %v", page["description"], page["requestText"])
	}
	st, err := catalog.StudyByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID)
	if err != nil {
		t.Fatal(err)
	}
	o := objects{
		sent: s, report: report, delivery: db.NewID(), order: db.NewID(), critical: db.NewID(), draft: s.WorkitemID, person: db.NewID(), token: db.NewID(), emergency: db.NewID(), link: db.NewID(),
		uids: [3]string{st.StudyInstanceUID, s.SeriesInstanceUID, "2.25.773"}, series: seriesOf(page), revision: revisionOf(page), message: db.NewID(),
	}
	readers := []*visitor{sato}
	asked, answered := 0, 0
	check := func(v *visitor, method, path string, body any, headers ...string) {
		t.Helper()
		a := v.do(method, path, body, headers...)
		asked++
		if a.Status == 200 || a.Status == 201 {
			answered++
		}
		said := append([]byte(fmt.Sprint(a.Header)), a.Body...)
		for _, id := range identifiers {
			if bytes.Contains(said, []byte(id)) {
				t.Errorf("%s %s says %q: %d %.300s", method, path, id, a.Status, a.Body)
			}
		}
	}
	for _, v := range readers {
		for _, r := range api.Routes() {
			if r.Method != http.MethodGet || r.Pattern == "/events" {
				continue
			}
			for _, accept := range []string{"*/*", "application/dicom", `multipart/related; type="application/dicom"`, "application/octet-stream", "image/jpeg", "application/dicom+json"} {
				check(v, r.Method, o.path(r.Pattern), nil, "Accept", accept)
			}
		}
		for _, q := range []string{
			"/api/v1/worklist?state=all", "/api/v1/studies", "/api/v1/loop?state=all", "/api/v1/studies/" + s.StudyID + "/priors",
			"/api/v1/rooms/" + s.StudyID + "/export?format=csv", "/api/v1/rooms/" + s.StudyID + "/export?format=zip",
			dicomweb.Base + "/studies?includefield=all", dicomweb.Base + "/series?includefield=PatientName", dicomweb.Base + "/instances", dicomweb.Base + "/workitems",
		} {
			check(v, "GET", q, nil)
		}
		check(v, "POST", "/api/v1/rooms/search", map[string]string{"q": "生まれ"})
		check(v, "POST", "/api/v1/rooms/search", map[string]string{"q": "山田"})
	}
	if answered < 40 {
		t.Errorf("only %d of %d were answered", answered, asked)
	}
	t.Logf("%d answers, %d with content", asked, answered)

	// What is typed finds nobody but by the pseudonym.
	found := func(path string, body any, want int) {
		t.Helper()
		var a *answer
		if body == nil {
			a = sato.do("GET", path, nil)
		} else {
			a = sato.do("POST", path, body)
		}
		n := bytes.Count(a.Body, []byte(s.StudyID))
		if strings.HasPrefix(path, dicomweb.Base) {
			n = bytes.Count(a.Body, []byte(`"Value":["`+s.StudyInstanceUID+`"]`))
		}
		if (n > 0) != (want > 0) {
			t.Errorf("%s %v finds %d: %.300s", path, body, n, a.Body)
		}
	}
	for q, want := range map[string]int{"山田": 0, "YAMADA": 0, "kaifu-secret": 0, "Akaifu": 0, "": 1, name: 1, strings.ToLower(name): 1} {
		found("/api/v1/worklist/search", map[string]string{"q": q, "state": "all"}, want)
		found("/api/v1/studies/search", map[string]string{"q": q}, want)
	}
	for q, want := range map[string]int{
		"PatientName=YAMADA*": 0, "PatientID=kaifu-secret": 0, "PatientBirthDate=19480305": 0, "AccessionNumber=Akaifu-secret": 0, "PatientID=" + name: 1,
		"PatientID=" + name + "&PatientName=YAMADA*": 0, "StudyDate=20261122": 1, "PatientName=*": 1,
	} {
		found(dicomweb.Base+"/studies?"+q, nil, want)
	}

	// The hospital has all of it, in its report too.
	sr := kaifu.do("GET", "/api/v1/reports/"+report+"/sr", nil)
	if !bytes.Contains(sr.Body, []byte("kaifu-secret")) || !bytes.Contains(sr.Body, []byte("山田")) {
		t.Error("the report of the hospital does not name its patient")
	}
	if a := kaifu.do("GET", "/api/v1/studies/"+s.StudyID, nil); !bytes.Contains(a.Body, []byte("山田")) {
		t.Error("the hospital does not see its patient")
	}
	if other := sato.do("GET", "/api/v1/studies/"+h.SendStudy(t, "kaifu", "kaifu-secret", 1).StudyID, nil).want(200, ""); at(other, "patient", "name") != name {
		t.Errorf("another study of the patient is of %v", at(other, "patient", "name"))
	}
}

func seriesOf(page map[string]any) string {
	id, _ := at(page, "seriesList", 0, "id").(string)
	return id
}

func revisionOf(page map[string]any) string {
	url, _ := at(page, "seriesList", 0, "bundle").(string)
	return url[strings.LastIndexByte(url, '/')+1:]
}
