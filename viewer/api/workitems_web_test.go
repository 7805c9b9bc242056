package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/identity"
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
}

// A step that is made under the UID of another hospital's is its maker's own: the
// answer is that about a UID that nobody has, and the other's step is untouched.
func TestWorkitemUnderAnothersUID(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	who := visitors(t, h)
	const base = web + "/workitems"
	for login, v := range who {
		for _, facility := range []string{"kaifu", "mima"} {
			if sideOf[login] == facility || sideOf[login] == "both" {
				continue
			}
			step, free := h.step(t, h.SendStudy(t, facility, facility+"-1", 1).WorkitemID), uid.New()
			owner := h.as(t, facility)
			before := string(owner.do("GET", base+"/"+step, nil).Body)
			taken, none := v.do("POST", base+"?"+step, askedFor(uid.New())), v.do("POST", base+"?"+free, askedFor(uid.New()))
			if got := strings.ReplaceAll(string(taken.Body), step, free); taken.Status != none.Status || got != string(none.Body) ||
				strings.ReplaceAll(taken.Header.Get("Location"), step, free) != none.Header.Get("Location") || taken.Header.Get("Warning") != none.Header.Get("Warning") {
				t.Errorf("%s under a UID of %s: %d %s; under a free one: %d %s", login, facility, taken.Status, taken.Body, none.Status, none.Body)
			}
			if may := may(roleOf[login], identity.ManageOrders); login != "anonymous" && may != (taken.Status == 201) {
				t.Errorf("%s on %s: %d", login, facility, taken.Status)
			}
			if after := string(owner.do("GET", base+"/"+step, nil).Body); after != before {
				t.Errorf("%s has changed the step of %s:\n%s\n%s", login, facility, before, after)
			}
		}
	}
}

// channel opens the event channel of a subscriber.
func (v *visitor) channel(ae string) *websocket.Conn {
	v.t.Helper()
	rq, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.identify(rq)
	c, rsp, err := websocket.Dial(v.t.Context(), "ws"+strings.TrimPrefix(v.base, "http")+web+"/subscribers/"+ae, &websocket.DialOptions{HTTPHeader: rq.Header})
	if rsp != nil && rsp.Body != nil {
		defer rsp.Body.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

// Who has subscribed by HTTP is told on a WebSocket of steps it may see, and of no
// others.
func TestEventChannelOfWorkitems(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	kaifu, sato, mima := h.as(t, "kaifu"), h.as(t, "sato"), h.as(t, "mima")
	const base, every, narrowed = web + "/workitems", "/1.2.840.10008.5.1.4.34.5", "/1.2.840.10008.5.1.4.34.5.1"
	sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	step := h.step(t, sent.WorkitemID)
	want := func(name string, a *answer, status int) *answer {
		t.Helper()
		if a.Status != status {
			t.Errorf("%s: %d, want %d: %s", name, a.Status, status, a.Body)
		}
		return a
	}
	var channel *websocket.Conn
	next := func(step string, event float64, key string, value any) {
		t.Helper()
		_, raw, err := channel.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		got := func(key string) any { return at(m, key, "Value", 0) }
		if got("00001000") != step || got("00001002") != event || got(key) != value || got("00000002") != "1.2.840.10008.5.1.4.34.6.1" || got("00000110") == nil || m["00081195"] != nil {
			t.Errorf("told %s; want event %v of %s, %s %v", raw, event, step, key, value)
		}
	}

	a := want("subscribe", kaifu.do("POST", base+"/"+step+"/subscribers/RIS?deletionlock=false", nil), http.StatusCreated)
	if at := a.Header.Get("Content-Location"); at != "ws"+strings.TrimPrefix(h.URL, "http")+web+"/subscribers/RIS" {
		t.Errorf("Content-Location %q", at)
	}
	want("another hospital's", mima.do("POST", base+"/"+step+"/subscribers/RIS", nil), http.StatusNotFound)
	want("no step", kaifu.do("POST", base+"/2.25.404/subscribers/RIS", nil), http.StatusNotFound)
	want("no title", kaifu.do("POST", base+"/"+step+"/subscribers/"+strings.Repeat("A", 17), nil), http.StatusBadRequest)
	want("suspend one", kaifu.do("POST", base+"/"+step+"/subscribers/RIS/suspend", nil), http.StatusBadRequest)
	want("no WebSocket", kaifu.do("GET", web+"/subscribers/RIS", nil), http.StatusUpgradeRequired)
	want("from another site", kaifu.do("GET", web+"/subscribers/RIS", nil, "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==", "Origin", "https://evil.example"), http.StatusForbidden)
	want("not signed in", h.anonymous(t).do("GET", web+"/subscribers/RIS", nil), http.StatusUnauthorized)
	want("mima to all", mima.do("POST", base+every+"/subscribers/RIS", nil), http.StatusCreated)

	channel = kaifu.channel("RIS")
	const state, reason = "00741000", "00741238"
	next(step, 1, state, "SCHEDULED") // as it is now
	key := uid.New()
	want("claim", sato.do("PUT", base+"/"+step+"/state", toState("IN PROGRESS", key)), http.StatusOK)
	next(step, 1, state, "IN PROGRESS")
	next(step, 5, "00001002", 5.0) // who has it
	want("wish", kaifu.do("POST", base+"/"+step+"/cancelrequest", map[string]any{reason: dicomValue("LT", "転院")}), http.StatusConflict)
	next(step, 2, reason, "転院")
	next(step, 1, state, "IN PROGRESS") // the coordinator has been told

	// All steps of a kind, the performer's too.
	want("narrowed", kaifu.do("POST", base+narrowed+"/subscribers/RIS?filter=ProcedureStepState=SCHEDULED", nil), http.StatusCreated)
	want("no such key", kaifu.do("POST", base+narrowed+"/subscribers/RIS?Colour=red", nil), http.StatusBadRequest)
	later := h.step(t, h.SendStudy(t, "kaifu", "kaifu-1", 1).WorkitemID)
	next(later, 1, state, "SCHEDULED")
	want("claim", sato.do("PUT", base+"/"+later+"/state", toState("IN PROGRESS", uid.New())), http.StatusOK)
	next(later, 1, state, "IN PROGRESS") // it matched once
	next(later, 5, "00001002", 5.0)
	want("suspend", kaifu.do("POST", base+narrowed+"/subscribers/RIS/suspend", nil), http.StatusOK)
	h.SendStudy(t, "kaifu", "kaifu-1", 1) // not told
	want("given back", sato.do("PUT", base+"/"+step+"/state", toState("CANCELED", key)), http.StatusOK)
	next(step, 1, state, "CANCELED")
	want("unsubscribe", kaifu.do("DELETE", base+every+"/subscribers/RIS", nil), http.StatusOK)

	// The other hospital was told of nothing: its channel begins with its own step.
	other := mima.channel("RIS")
	channel = other
	own := h.step(t, h.SendStudy(t, "mima", "mima-1", 1).WorkitemID)
	next(own, 1, state, "SCHEDULED")
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

// What a hospital writes for those who know the patient is not told to a reader who
// knows a pseudonym, neither by asking nor by listening.
func TestReasonsOfVeiledHospital(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.veiled(t)
	kaifu, sato := h.as(t, "kaifu"), h.as(t, "sato")
	const base, why = web + "/workitems/", "山田太郎様 転院"
	reason := map[string]any{"00741238": dicomValue("LT", why)}
	begun, open := h.step(t, h.SendStudy(t, "kaifu", "kaifu-1", 1).WorkitemID), h.step(t, h.SendStudy(t, "kaifu", "kaifu-1", 1).WorkitemID)
	for _, step := range []string{begun, open} {
		if a := sato.do("POST", base+step+"/subscribers/WS", nil); a.Status != http.StatusCreated {
			t.Fatal(a.Status)
		}
	}
	sato.do("PUT", base+begun+"/state", toState("IN PROGRESS", uid.New()))
	channel := sato.channel("WS")
	kaifu.do("POST", base+begun+"/cancelrequest", reason)
	kaifu.do("POST", base+open+"/cancelrequest", reason)
	for told := map[string]bool{}; !told[begun+" 2"]; {
		_, raw, err := channel.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "山田") {
			t.Errorf("told %s", raw)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		step, event := at(m, "00001000", "Value", 0), at(m, "00001002", "Value", 0)
		told[fmt.Sprint(step, " ", event)] = true
	}
	if a := sato.do("GET", base+open, nil); strings.Contains(string(a.Body), "山田") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := kaifu.do("GET", base+open, nil); !strings.Contains(string(a.Body), why) {
		t.Errorf("the hospital is not told its own reason: %s", a.Body)
	}
}
