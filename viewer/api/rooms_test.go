package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/mp4/mp4test"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/room"
)

// photo is a PNG with words after its end, which must not come back.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 6))
	img.SetGray(3, 3, color.Gray{200})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	b.WriteString("<script>hidden</script>")
	return b.String()
}

func (h *house) userID(t *testing.T, login string) string {
	t.Helper()
	id, _ := at(h.as(t, login).do("GET", "/api/v1/session", nil).want(200, ""), "userId").(string)
	return id
}

// A ward and its reader talk; who reads changes, and with it who sits there.
func TestRoomFollowsTheWork(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	room := "/api/v1/rooms/" + s.StudyID
	hospital, sato, suzuki, coord := h.as(t, "kaifu"), h.as(t, "sato"), h.as(t, "suzuki"), h.as(t, "coord")

	hospital.do("GET", room, nil).want(200, "")
	sato.do("GET", room, nil).want(404, "not_found") // on the panel, and nothing claimed
	h.as(t, "mima").do("GET", room, nil).want(404, "not_found")
	sato.do("POST", "/api/v1/workitems/"+s.WorkitemID+"/claim", map[string]any{}).want(200, "")
	id := db.NewID()
	text := map[string]any{"id": id, "body": "左は以前からです \u202eevil\u0007", "mentions": []string{h.userID(t, "sato")}}
	said := hospital.do("POST", room+"/messages", text).want(201, "")
	if said["body"] != "左は以前からです evil" {
		t.Errorf("said %q", said["body"])
	}
	hospital.do("POST", room+"/messages", text).want(201, "") // asked for twice
	sato.do("POST", room+"/messages", text).want(409, "room_taken")
	list := sato.do("GET", "/api/v1/rooms", nil).want(200, "")
	if at(list, "items", 0, "unread") != 1.0 || at(list, "items", 0, "mentions") != 1.0 || at(list, "items", 1) != nil {
		t.Errorf("list %v", list)
	}
	sato.do("POST", room+"/read", map[string]string{"upTo": id}).want(204, "")
	if list = sato.do("GET", "/api/v1/rooms", nil).want(200, ""); at(list, "items", 0, "unread") != 0.0 {
		t.Errorf("still unread: %v", list)
	}
	if seen := hospital.do("GET", room, nil).want(200, ""); at(seen, "messages", 0, "readBy", 0, "name") != "佐藤 花子" || at(seen, "messages", 1) != nil {
		t.Errorf("messages %v", at(seen, "messages"))
	}
	if hits := sato.do("POST", "/api/v1/rooms/search", map[string]string{"q": "以前"}).want(200, ""); at(hits, "items", 0, "id") != id {
		t.Errorf("search %v", hits)
	}
	for _, other := range []string{"suzuki", "mima", "kondo"} {
		a := h.as(t, other).do("POST", "/api/v1/rooms/search", map[string]string{"q": "以前"})
		a.want(200, "")
		if strings.Contains(string(a.Body), "以前") {
			t.Errorf("%s finds what was said in a room of others", other)
		}
	}
	// The work goes to another panel: who had it no longer sits there.
	moved := coord.do("POST", "/api/v1/workitems/"+s.WorkitemID+"/reassign", map[string]any{"panel": "univ", "reason": "t"}).want(200, "")
	sato.do("GET", room, nil).want(404, "not_found")
	kondo := h.as(t, "kondo")
	kondo.do("POST", "/api/v1/workitems/"+moved["id"].(string)+"/claim", map[string]any{}).want(200, "")
	kondo.do("GET", room, nil).want(200, "")
	// Who is asked in sees the study too.
	suzuki.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(404, "not_found")
	kondo.do("POST", room+"/invitations", map[string]string{"user": h.userID(t, "suzuki")}).want(200, "")
	suzuki.do("GET", room, nil).want(200, "")
	suzuki.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	kondo.do("POST", room+"/invitations", map[string]string{"role": "auditor"}).want(422, "room_invitee")
	kondo.do("POST", room+"/invitations", map[string]string{"role": "pharmacist"}).want(200, "")
	if strings.Contains(h.log.String(), "以前") {
		t.Error("a message is in the log")
	}
}

func TestRoomPictures(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	room := "/api/v1/rooms/" + s.StudyID
	hospital := h.as(t, "kaifu")
	said := hospital.do("POST", room+"/pictures", photo(t)).want(201, "")
	url, _ := at(said, "picture", "url").(string)
	a := hospital.do("GET", url, nil)
	a.want(200, "")
	if a.Header.Get("Content-Type") != "image/png" || bytes.Contains(a.Body, []byte("hidden")) {
		t.Errorf("%s, %d bytes", a.Header.Get("Content-Type"), len(a.Body))
	}
	img, err := png.Decode(bytes.NewReader(a.Body))
	if err != nil || img.Bounds().Dx() != 8 || img.At(3, 3) != (color.Gray{200}) {
		t.Errorf("picture %v", err)
	}
	h.as(t, "mima").do("GET", url, nil).want(404, "not_found")
	for name, file := range map[string]string{"svg": "<svg onload=alert(1)>", "cut": photo(t)[:40], "nothing": "\xff\xd8\xff"} {
		if a := hospital.do("POST", room+"/pictures", file); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	var bomb bytes.Buffer
	if err := jpeg.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8192, 4096)), nil); err != nil {
		t.Fatal(err)
	}
	hospital.do("POST", room+"/pictures", bomb.String()).want(422, "room_picture")
	// What the room needs is not swept away.
	if n, _, err := h.Ingest.Sweep(t.Context(), 0); err != nil || n != 0 {
		t.Errorf("swept %d: %v", n, err)
	}
	hospital.do("GET", url, nil).want(200, "")
}

// A film comes back without what its camera wrote about itself, any part of it, to
// members alone; what is none is refused with what to do about it.
func TestRoomFilms(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	talk := "/api/v1/rooms/" + s.StudyID
	hospital := h.as(t, "kaifu")
	const secret = "+34.0657+134.5593/ 山田 太郎"
	film := mp4test.Film{Secret: secret, Sound: true, Turned: true, Seconds: 2}
	said := hospital.do("POST", talk+"/pictures", string(film.MOV())).want(201, "")
	url, _ := at(said, "picture", "url").(string)
	if at(said, "picture", "mediaType") != "video/mp4" || at(said, "picture", "width") != 48.0 || at(said, "picture", "height") != 64.0 {
		t.Errorf("picture %v", at(said, "picture"))
	}
	whole := hospital.do("GET", url, nil)
	whole.want(200, "")
	if bytes.Contains(whole.Body, []byte(secret)) || !bytes.Contains(whole.Body, []byte("moov")) || float64(len(whole.Body)) != at(said, "picture", "size") {
		t.Errorf("%d bytes of %v", len(whole.Body), at(said, "picture", "size"))
	}
	for name, want := range map[string]string{"Content-Type": "video/mp4", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := whole.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") {
		t.Errorf("policy %q", csp)
	}
	part := hospital.do("GET", url, nil, "Range", "bytes=100-199", "If-Range", whole.Header.Get("Etag"))
	if part.Status != http.StatusPartialContent || !bytes.Equal(part.Body, whole.Body[100:200]) {
		t.Errorf("a part: %d, %d bytes", part.Status, len(part.Body))
	}
	if a := hospital.do("GET", url, nil, "Range", "bytes=99999999-"); a.Status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond its end: %d", a.Status)
	}
	for _, other := range []string{"mima", "sato", "anonymous"} { // sato has claimed nothing
		if a := h.as(t, other).do("GET", url, nil, "Range", "bytes=0-3"); a.Status != 404 && a.Status != 401 || bytes.Contains(a.Body, []byte("ftyp")) {
			t.Errorf("%s: %d", other, a.Status)
		}
	}
	h.as(t, "mima").do("POST", talk+"/pictures", string(film.MOV())).want(404, "not_found")
	if all := hospital.do("GET", talk+"/export", nil).want(200, ""); at(all, "messages", 0, "picture", "mediaType") != "video/mp4" {
		t.Errorf("exported %v", all)
	}

	long, other := film, film
	long.Seconds, other.Codec = 62, "mp4v"
	mov := string(film.MOV())
	for name, tt := range map[string]struct {
		file string
		code string
	}{
		"too long":         {string(long.MOV()), "film_long"},
		"another codec":    {string(other.MOV()), "film_codec"},
		"cut off":          {mov[:len(mov)/2], "film_damaged"},
		"HEIF":             {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "film_format"},
		"a page in a film": {"\x00\x00\x00\x14ftypisom<script>alert(1)</script>", "film_damaged"},
		"WebM":             {"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01", "room_picture"},
	} {
		t.Run(name, func(t *testing.T) { h.as(t, "kaifu").do("POST", talk+"/pictures", tt.file).want(422, tt.code) })
	}
	hospital.do("POST", talk+"/pictures", mov+strings.Repeat("\x00", room.MaxFilm)).want(413, "too_large")
	kept := 0
	err := h.Objects.List(t.Context(), room.ObjectPrefix, "", func(object.Info) error { kept++; return nil })
	if err != nil || kept != 1 {
		t.Errorf("%d objects are kept of one film: %v", kept, err)
	}
}

// Two are asked at once; the first who accepts closes the other's room.
func TestConsult(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	room := "/api/v1/rooms/" + s.StudyID
	hospital, kondo, suzuki := h.as(t, "kaifu"), h.as(t, "kondo"), h.as(t, "suzuki")
	// Whom to ask: who is there first, with what they are good at.
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := worklist.SetPresence(ctx, tx, h.userID(t, "suzuki"), worklist.Presence{State: "away", Until: db.Now().Add(time.Hour)}); err != nil {
			return err
		}
		return worklist.SetReaderProfile(ctx, tx, h.userID(t, "kondo"), worklist.ReaderProfile{Subspecialties: []string{"neuro"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	var people []struct {
		Name, Duty  string
		Specialties []string
	}
	if err := json.Unmarshal(hospital.do("GET", room+"/candidates", nil).Body, &people); err != nil || len(people) < 2 {
		t.Fatal(people, err)
	}
	for _, p := range people {
		if p.Name == "近藤 三郎" && (p.Duty != "reading" || len(p.Specialties) != 1) {
			t.Errorf("%+v", p)
		}
	}
	if p := people[len(people)-1]; p.Name != "鈴木 一郎" || p.Duty != "absent" {
		t.Errorf("last is %+v", p)
	}
	asked := hospital.do("POST", room+"/consults", map[string]any{"question": "転送すべきでしょうか", "candidates": []string{h.userID(t, "kondo"), h.userID(t, "suzuki")}}).want(200, "")
	consult, _ := at(asked, "consults", 0, "id").(string)
	private := func(v *visitor) string {
		id, _ := at(v.do("GET", "/api/v1/rooms", nil).want(200, ""), "items", 0, "room").(string)
		return "/api/v1/rooms/" + id
	}
	ours, theirs := private(kondo), private(suzuki)
	kondo.do("GET", theirs, nil).want(404, "not_found")
	kondo.do("GET", room, nil).want(404, "not_found")
	kondo.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	kondo.do("POST", ours+"/messages", map[string]any{"body": "画像を見ています"}).want(201, "")
	if a := suzuki.do("GET", theirs, nil); strings.Contains(string(a.Body), "画像を見ています") || strings.Contains(string(a.Body), h.userID(t, "kondo")) {
		t.Errorf("one candidate learns of the other: %s", a.Body)
	}
	hospital.do("POST", ours+"/answer", map[string]any{"accept": true}).want(409, "room_not_asked")
	hospital.do("POST", room+"/decision", map[string]any{"consult": consult, "transfer": "now"}).want(409, "room_closed")
	kondo.do("POST", ours+"/answer", map[string]any{"accept": true}).want(204, "")
	suzuki.do("POST", theirs+"/answer", map[string]any{"accept": true}).want(404, "not_found")
	kondo.do("POST", ours+"/answer", map[string]any{"accept": true}).want(409, "room_closed")
	done := hospital.do("POST", room+"/decision", map[string]any{"consult": consult, "transfer": "later", "note": "=HYPERLINK(1)"}).want(200, "")
	if at(done, "consults", 0, "transfer") != "later" || at(done, "consults", 0, "acceptedBy", "name") != "近藤 三郎" || at(done, "consults", 0, "transferAt") == nil {
		t.Errorf("consult %v", at(done, "consults", 0))
	}
	// All say no: the last one is heard, and the study is theirs no longer.
	hospital.do("POST", room+"/consults", map[string]any{"question": "もう一件", "candidates": []string{h.userID(t, "kondo")}}).want(200, "")
}

// A table of what was said is no program.
func TestRoomExport(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	room := "/api/v1/rooms/" + s.StudyID
	hospital := h.as(t, "kaifu")
	for _, body := range []string{"=1+1", "＝1+1", "@SUM(A1)", "-2", "plain \"quoted\"", "<script>alert(1)</script>"} {
		hospital.do("POST", room+"/messages", map[string]any{"body": body}).want(201, "")
	}
	a := hospital.do("GET", room+"/export?format=csv", nil)
	a.want(200, "")
	for _, cell := range []string{",'=1+1,", ",'＝1+1,", ",'@SUM(A1),", ",'-2,", `,"plain ""quoted""",`} {
		if !strings.Contains(string(a.Body), cell) {
			t.Errorf("no cell %s in %s", cell, a.Body)
		}
	}
	var all struct {
		Messages []struct{ Body string }
	}
	if err := json.Unmarshal(hospital.do("GET", room+"/export", nil).Body, &all); err != nil || len(all.Messages) != 6 {
		t.Errorf("%d messages, %v", len(all.Messages), err)
	}
	said := hospital.do("POST", room+"/pictures", photo(t)).want(201, "")
	z := hospital.do("GET", room+"/export?format=zip", nil)
	z.want(200, "")
	archive, err := zip.NewReader(bytes.NewReader(z.Body), int64(len(z.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	shown, _ := at(said, "picture", "url").(string)
	if want := hospital.do("GET", shown, nil).Body; len(files) != 3 || !bytes.Equal(files["attachments/"+said["id"].(string)+".png"], want) || !bytes.Contains(files["room.csv"], []byte(",'=1+1,")) || !bytes.Contains(files["room.json"], []byte("=1+1")) {
		t.Errorf("%d files in the archive", len(files))
	}
	hospital.do("GET", room+"/export?format=exe", nil).want(400, "weak_input")
	for _, format := range []string{"", "?format=csv", "?format=zip"} {
		h.as(t, "sato").do("GET", room+"/export"+format, nil).want(404, "not_found")
	}
}
