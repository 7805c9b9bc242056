package api_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dokuei/dokuei/dicom/uid"
)

// dicomValue is an element of the DICOM JSON model.
func dicomValue(vr string, values ...any) map[string]any {
	return map[string]any{"vr": vr, "Value": values}
}

func askedFor(study string) map[string]any {
	return map[string]any{
		"00081195": dicomValue("UI"), "00741000": dicomValue("CS", "SCHEDULED"), "00741200": dicomValue("CS", "HIGH"), "00741204": dicomValue("LO", "頭部CTの読影"),
		"00100010": dicomValue("PN", map[string]string{"Alphabetic": "YAMADA^TARO", "Ideographic": "山田^太郎"}),
		"0020000D": dicomValue("UI", study),
		"00404018": dicomValue("SQ", map[string]any{"00080100": dicomValue("SH", "110005"), "00080102": dicomValue("SH", "DCM"), "00080104": dicomValue("LO", "Interpretation")}),
	}
}

func toState(state, transaction string) map[string]any {
	return map[string]any{"00081195": dicomValue("UI", transaction), "00741000": dicomValue("CS", state)}
}

// A hospital's order system asks for a reading by UPS-RS, finds it, changes and
// withdraws it; a reader claims by it what the page then cannot.
func TestWorkitemsByUPSRS(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	kaifu, sato, mima := h.as(t, "kaifu"), h.as(t, "sato"), h.as(t, "mima")
	const base = web + "/workitems"
	want := func(name string, a *answer, status int) {
		t.Helper()
		if a.Status != status {
			t.Errorf("%s: %d, want %d: %s", name, a.Status, status, a.Body)
		}
	}

	// Create, for a study that is still to come.
	a := kaifu.do("POST", base+"?2.25.7", []any{askedFor("2.25.600")}, "Content-Type", "application/dicom+json")
	want("create", a, http.StatusCreated)
	if at := a.Header.Get("Location"); at != h.URL+base+"/2.25.7" {
		t.Errorf("Location %q", at)
	}
	want("the same again", kaifu.do("POST", base+"?2.25.7", askedFor("2.25.601")), http.StatusConflict)
	want("about nothing", kaifu.do("POST", base+"?2.25.8", askedFor("")), http.StatusBadRequest)
	want("no UID", kaifu.do("POST", base+"?seven", askedFor("2.25.601")), http.StatusBadRequest)
	want("no JSON", kaifu.do("POST", base, "<xml/>", "Content-Type", "application/dicom+xml"), http.StatusUnsupportedMediaType)
	want("not a data set", kaifu.do("POST", base, []any{1}), http.StatusBadRequest)
	want("too much", kaifu.do("POST", base, strings.Repeat(" ", 2<<20)), http.StatusRequestEntityTooLarge)
	want("by a reader", sato.do("POST", base, askedFor("2.25.601")), http.StatusForbidden)

	list := models(kaifu.do("GET", base+"?PatientName=yamada*&00404018.CodeValue=110005&ProcedureStepState=SCHEDULED", nil))
	if len(list) != 1 || value(list[0], "00080018") != "2.25.7" || value(list[0], "00741204") != "頭部CTの読影" || value(list[0], "00404041") != "INCOMPLETE" {
		t.Fatalf("found %v", list)
	}
	if n := at(list[0], "00100010", "Value", 0, "Ideographic"); n != "山田^太郎" {
		t.Errorf("name %v", n)
	}
	if list := models(mima.do("GET", base, nil)); len(list) != 0 {
		t.Errorf("another hospital finds %v", list)
	}
	want("no such key", kaifu.do("GET", base+"?Colour=red", nil), http.StatusBadRequest)
	want("another hospital's", mima.do("GET", base+"/2.25.7", nil), http.StatusNotFound)

	// Update and withdraw.
	comment := map[string]any{"00400400": dicomValue("LT", "造影剤アレルギー")}
	want("update", kaifu.do("POST", base+"/2.25.7", comment), http.StatusOK)
	if got := models(kaifu.do("GET", base+"/2.25.7", nil)); value(got[0], "00400400") != "造影剤アレルギー" || got[0]["00081195"] != nil {
		t.Errorf("after the update: %v", got)
	}
	want("withdraw", kaifu.do("POST", base+"/2.25.7/cancelrequest", nil), http.StatusAccepted)
	a = kaifu.do("POST", base+"/2.25.7/cancelrequest", nil)
	want("twice", a, http.StatusConflict)
	if a.Header.Get("Warning") == "" {
		t.Error("a refusal without a Warning")
	}
	want("update of what has ended", kaifu.do("POST", base+"/2.25.7", comment), http.StatusConflict)

	// Claim, progress, giving back.
	sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	at, key := base+"/"+h.step(t, sent.WorkitemID), uid.New()
	want("without a key", sato.do("PUT", at+"/state", map[string]any{"00741000": dicomValue("CS", "IN PROGRESS")}), http.StatusBadRequest)
	want("claim", sato.do("PUT", at+"/state", toState("IN PROGRESS", key)), http.StatusOK)
	want("a second claim", sato.do("PUT", at+"/state", toState("IN PROGRESS", uid.New())), http.StatusConflict)
	progress := map[string]any{"00741002": dicomValue("SQ", map[string]any{"00741004": dicomValue("DS", 40)})}
	want("progress without the key", sato.do("POST", at, progress), http.StatusBadRequest)
	want("progress", sato.do("POST", at+"?"+key, progress), http.StatusOK)
	want("no report", sato.do("PUT", at+"/state", toState("COMPLETED", key)), http.StatusConflict)
	want("withdrawn while it is read", kaifu.do("POST", at+"/cancelrequest", map[string]any{"00741238": dicomValue("LT", "転院")}), http.StatusConflict)
	want("given back", sato.do("PUT", at+"/state", toState("CANCELED", key)), http.StatusOK)
	want("nobody's", sato.do("PUT", base+"/2.25.404/state", toState("IN PROGRESS", key)), http.StatusNotFound)

	want("subscribe", kaifu.do("POST", base+"/1.2.840.10008.5.1.4.34.5/subscribers/KAIFU", nil), http.StatusNotImplemented)
}

// Two readers, by the page and by UPS-RS: of all claims of an item one wins.
func TestOneClaimByAnyDoor(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	doors := []*visitor{h.as(t, "sato"), h.as(t, "suzuki")}
	for range 8 {
		sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
		step := h.step(t, sent.WorkitemID)
		var won atomic.Int32
		var wg sync.WaitGroup
		for i, v := range doors {
			for j := range 2 {
				wg.Go(func() {
					var a *answer
					// Each reader by one door: who holds an item may claim it again on the page.
					if i == 0 {
						a = v.do("PUT", web+"/workitems/"+step+"/state", toState("IN PROGRESS", uid.New()))
					} else if j == 0 {
						a = v.do("POST", "/api/v1/workitems/"+sent.WorkitemID+"/claim", map[string]any{})
					} else {
						return
					}
					switch a.Status {
					case http.StatusOK:
						won.Add(1)
					case http.StatusConflict:
					default:
						t.Errorf("%d: %s", a.Status, a.Body)
					}
				})
			}
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d claims won", won.Load())
		}
	}
}
