package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Names that an attacker would give a file, or that become one where names are made of
// what came: out of the folder, into a header, of a device, of another kind.
var hostileFiles = []string{
	"../../../HOSTILE.html", `..\..\HOSTILE.exe`, "/etc/cron.d/HOSTILE", `C:\HOSTILE.bat`, "HOSTILE\r\nSet-Cookie: owned=1", "HOSTILE.png\x00.html",
	`HOSTILE"; filename="x.html`, "HOSTILE<img src=x onerror=owned=1>.png", "HOSTILE\u202egnp.exe", "CON", ".HOSTILE", strings.Repeat("HOSTILE", 100), "HOSTILE.dcm;ls|sh`id`$(id)",
}

// plainDisposition is the only form of Content-Disposition there is: a name made of our
// own identifiers, which RFC 6266 allows as it stands and needs no RFC 8187 for.
var plainDisposition = regexp.MustCompile(`^(attachment|inline); filename="[a-z0-9-]+\.[a-z]{3,5}"$`)

// Hostile file names wherever a file comes in or goes out: names of parts in STOW-RS,
// of pictures in conversations, identifiers of which somebody could make a file name in
// downloads, in a watched folder and in a backup. No file is where the name says, no
// header holds it, no answer repeats it.
func TestHostileFileNames(t *testing.T) {
	t.Parallel()
	around := t.TempDir()
	folder := filepath.Join(around, "watched")
	data := filepath.Join(around, "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	site := strings.Replace(network, "ae_titles: [MINAMI_CT], quiet: 1s", `ae_titles: [MINAMI_CT], quiet: 1s, destinations: [{name: folder, to: "file://`+filepath.ToSlash(folder)+`", objects: [pdf, text, oru, fhir, sr]}]`, 1)
	mustRun(t, "apply", "-f", writeFile(t, t.TempDir()+"/site.yaml", site), "--data", data)
	s := serve(t, data)
	minami, sato := s.signIn(t, "minami", password), s.signIn(t, "sato", password)

	send := func(u *user, method, path string, body []byte, headers ...string) (int, http.Header, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.HTTP+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := u.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header, raw
	}
	inert := func(what string, h http.Header, body []byte) {
		t.Helper()
		if h.Get("Set-Cookie") != "" || strings.Contains(fmt.Sprint(h), "HOSTILE") || bytes.Contains(body, []byte("HOSTILE")) {
			t.Errorf("%s: %v %.200s", what, h, body)
		}
		if d := h.Get("Content-Disposition"); d != "" && !plainDisposition.MatchString(d) {
			t.Errorf("%s: disposition %s", what, d)
		}
	}

	// STOW-RS: every header of a part that could name a file, with every name.
	var study string
	for i, name := range hostileFiles {
		dir, _ := slices(t, 1, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.AccessionNumber, "SH", "../../x")
			d.SetString(tag.PatientID, "LO", "../../../etc/"+fmt.Sprint(i))
			d.SetString(tag.StudyID, "SH", "..")
		})
		object, err := os.ReadFile(files(t, dir)[0])
		if err != nil {
			t.Fatal(err)
		}
		line := strings.NewReplacer("\r", "%0D", "\n", "%0A", "\x00", "%00").Replace(name)
		var b bytes.Buffer
		b.WriteString("--x\r\nContent-Type: application/dicom\r\n")
		for _, h := range []string{"Content-Location", "Content-ID", "Content-Description"} {
			fmt.Fprintf(&b, "%s: %s\r\n", textproto.CanonicalMIMEHeaderKey(h), line)
		}
		fmt.Fprintf(&b, "Content-Disposition: form-data; name=%q; filename=%q\r\n\r\n", line, line)
		b.Write(object)
		b.WriteString("\r\n--x--\r\n")
		status, h, body := send(minami, "POST", "/dicom-web/studies", b.Bytes(), "Content-Type", `multipart/related; type="application/dicom"; boundary=x`, "Accept", "application/dicom+json")
		if status != http.StatusOK && status != http.StatusAccepted && status != http.StatusBadRequest {
			t.Errorf("STOW with a part named %q: %d %s", name, status, body)
		}
		inert("STOW", h, body)
	}

	// Pictures of a conversation, with names of their own.
	task := sato.firstTask()
	study = task.Study.ID
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for _, name := range hostileFiles {
		line := strings.NewReplacer("\r", "%0D", "\n", "%0A", "\x00", "%00").Replace(name)
		status, h, body := send(minami, "POST", "/api/v1/rooms/"+study+"/pictures", picture.Bytes(), "Content-Type", "image/png", "Content-Disposition", fmt.Sprintf("attachment; filename=%q", line), "X-File-Name", line)
		if status != http.StatusCreated {
			t.Errorf("a picture named %q: %d %s", name, status, body)
			continue
		}
		inert("picture", h, body)
		var m struct{ ID string }
		if err := json.Unmarshal(body, &m); err != nil || m.ID == "" {
			t.Fatalf("%v %s", err, body)
		}
		status, h, got := send(minami, "GET", "/api/v1/messages/"+m.ID+"/picture", nil)
		if typ := h.Get("Content-Type"); status != http.StatusOK || !strings.HasPrefix(typ, "image/") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the picture comes back as %d %s", status, typ)
		}
		inert("picture back", h, got)
	}

	// A report about it: its files in the watched folder, its downloads, the export.
	sato.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	sato.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": "異常なし", "impression": "異常なし", "recommendation": ""}}, nil)
	var report struct{ ID string }
	sato.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": 1}, &report)
	eventually(t, "the report is in the watched folder", func() bool { return len(files(t, folder)) >= 5 })
	own := regexp.MustCompile(`^report-[0-9a-f-]{36}-v1-[0-9a-f]{12}\.[a-z0-9.]+$`)
	for _, path := range files(t, folder) {
		if name := filepath.Base(path); !own.MatchString(name) && !strings.HasPrefix(name, ".dokuei-") {
			t.Errorf("the watched folder has %q", name)
		}
	}
	for _, path := range []string{"/api/v1/reports/" + report.ID + "/pdf", "/api/v1/rooms/" + study + "/export?format=csv", "/api/v1/rooms/" + study + "/export", "/api/v1/instances/" + sato.study(study).SeriesList[0].Instances[0].ID + "/file"} {
		status, h, _ := send(minami, "GET", path, nil)
		if status != http.StatusOK || h.Get("Content-Disposition") == "" {
			t.Errorf("%s: %d %v", path, status, h)
		}
		inert(path, h, nil)
	}

	// Nothing anywhere has a name that came from outside, in the backup neither.
	backup := filepath.Join(around, "backup")
	mustRun(t, "backup", "--data", data, backup)
	err := filepath.WalkDir(around, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.Contains(d.Name(), "HOSTILE") || strings.ContainsAny(d.Name(), "<>\"'`|;\r\n\\") || d.Name() == "CON") {
			t.Errorf("there is a file %q", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if log := s.log.String(); strings.Contains(log, "HOSTILE") {
		t.Error("the log has a name that came")
	}
}
