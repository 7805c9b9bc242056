package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/dokuei/dokuei/dicom/phantom"
)

// How fast a CT opens over a thin line, in Chromium: viewer/web/e2e/speed.mjs says
// what is measured. It takes minutes and says little on a machine that does other
// things, so it runs when READING_SPEED names the file for its lines of JSON:
//
//	make speed OHIF=package/dist READING_SPEED=speed.jsonl
//
// OHIF is the folder dist of the npm package @ohif/app. With it, and Orthanc with
// its DICOMweb plugin, the same study is opened there over the same lines.
// READING_SLICES and READING_LINES ("20/20 5/50") choose less.
func TestReadingSpeed(t *testing.T) {
	out := os.Getenv("READING_SPEED")
	if out == "" {
		t.Skip("READING_SPEED names no file: the speed of the reading page is not measured")
	}
	browser(t)
	n := 300
	if text := os.Getenv("READING_SLICES"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	thin := examination{"minami", "MINAMI_CT", phantom.ThinChestCT(phantom.Order{
		PatientID: "SPEED1", PatientName: "Hayase^Toru=早瀬^徹=はやせ^とおる", StudyTime: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), Seed: 5,
	}, n)}
	s := serve(t, newData(t, network))
	if err := thin.send(t.Context(), s.DICOM, "DOKUEI"); err != nil {
		t.Fatal(err)
	}
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool {
		open := reader.worklist("open")
		return len(open) == 1 && open[0].Study.Instances == n
	})
	var study struct {
		SeriesList []struct{ Bundle string }
	}
	reader.must("GET", "/studies/"+reader.firstTask().Study.ID, nil, &study)
	reader.http.Timeout = time.Duration(max(30, n)) * time.Second // a bundle of a thousand slices is made here
	for _, one := range study.SeriesList {
		if status, _, _ := reader.raw("GET", one.Bundle, nil); status != http.StatusOK {
			t.Fatalf("bundle: status %d", status)
		}
	}
	// Lossless over 5 Mbit/s takes a third of a second a slice, beside other work more.
	environ := []string{"READER=sato:" + password, "LINES=" + os.Getenv("READING_LINES"), fmt.Sprint("PATIENCE=", max(600, 3*n))}
	if dist := os.Getenv("OHIF"); dist != "" {
		environ = append(environ, "OHIF_URL="+ohif(t, dist, thin), "OHIF_STUDY="+thin.study.StudyInstanceUID)
	} else {
		t.Log("OHIF names no folder: measured without a peer")
	}
	log := browse(t, s, "speed.mjs", environ...)
	if err := os.WriteFile(out, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + log)
}

// ohif serves the pages of OHIF with an Orthanc that holds a study behind them.
func ohif(t *testing.T, dist string, e examination) string {
	t.Helper()
	program := "/usr/sbin/Orthanc"
	if _, err := os.Stat(program); err != nil {
		program = tool(t, "Orthanc")
	}
	plugins, err := filepath.Glob("/usr/share/orthanc/plugins/*DicomWeb*")
	if err != nil || len(plugins) == 0 {
		t.Skip("Orthanc has no DICOMweb plugin here: measure without OHIF")
	}
	dir, web, dimse := t.TempDir(), freePort(t), freePort(t)
	config := writeFile(t, filepath.Join(dir, "orthanc.json"), fmt.Sprintf(`{"StorageDirectory": %q, "IndexDirectory": %[1]q, "DicomPort": %s, "HttpPort": %s,
		"RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": [%q], "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}}`, dir, dimse, web, plugins[0]))
	cmd := exec.Command(program, config)
	said := &safeBuffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // ended by our signal
	})
	orthanc := &url.URL{Scheme: "http", Host: "127.0.0.1:" + web}
	client := &http.Client{Timeout: patience}
	eventually(t, "Orthanc answers", func() bool {
		r, err := client.Get(orthanc.String() + "/system")
		if err != nil {
			return false
		}
		return r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	if err := e.send(t.Context(), "127.0.0.1:"+dimse, "ORTHANC"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return ohifPages(t, dist, orthanc, "/dicom-web", "")
}

// ohifPages serves OHIF from the folder dist, set up for the DICOMweb server at
// origin and path; bearer is sent along where it is not empty.
func ohifPages(t *testing.T, dist string, origin *url.URL, path, bearer string) string {
	t.Helper()
	source := map[string]any{
		"namespace": "@ohif/extension-default.dataSourcesModule.dicomweb", "sourceName": "dicomweb",
		"configuration": map[string]any{
			"friendlyName": "peer", "name": "peer", "qidoRoot": path, "wadoRoot": path, "wadoUriRoot": path,
			"qidoSupportsIncludeField": false, "imageRendering": "wadors", "thumbnailRendering": "wadors",
			"enableStudyLazyLoad": true, "supportsFuzzyMatching": false, "supportsWildcard": true, "omitQuotationForMultipartRequest": true,
		},
	}
	config, err := json.Marshal(map[string]any{
		"routerBasename": "/", "extensions": []string{}, "modes": []string{}, "showStudyList": true, "maxNumberOfWebWorkers": 3,
		"showWarningMessageForCrossOrigin": false, "showCPUFallbackMessage": false, "strictZSpacingForVolumeViewport": true,
		"defaultDataSourceName": "dicomweb", "dataSources": []any{source},
	})
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(origin)
		if bearer != "" {
			r.Out.Header.Set("Authorization", "Bearer "+bearer)
		}
	}}
	files := http.FileServer(http.Dir(dist))
	mux := http.NewServeMux()
	mux.Handle(path+"/", proxy)
	mux.HandleFunc("/app-config.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "window.config = %s;", config)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		name := filepath.Join(dist, filepath.FromSlash(strings.TrimPrefix(filepath.Clean(r.URL.Path), "/")))
		if st, err := os.Stat(name); err != nil || st.IsDir() {
			http.ServeFile(w, r, filepath.Join(dist, "index.html"))
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000")
		files.ServeHTTP(w, r)
	})
	// OHIF is always served packed; so here.
	pages := httptest.NewServer(gzhttp.GzipHandler(mux))
	t.Cleanup(pages.Close)
	return pages.URL
}

// OHIF opens our studies over DICOMweb, with a token of its hospital. OHIF names the
// folder dist of the npm package @ohif/app.
func TestOHIFOpensOurs(t *testing.T) {
	dist := os.Getenv("OHIF")
	if dist == "" {
		t.Skip("OHIF names no folder (dist of @ohif/app): it is left out")
	}
	browser(t)
	s := serve(t, newData(t, network))
	e := examination{"minami", "MINAMI_CT", phantom.ThinChestCT(phantom.Order{
		PatientID: "OHIF1", PatientName: "Hayase^Toru=早瀬^徹=はやせ^とおる", StudyTime: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), Seed: 5,
	}, 12)}
	if err := e.send(t.Context(), s.DICOM, "DOKUEI"); err != nil {
		t.Fatal(err)
	}
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool { return len(reader.worklist("open")) == 1 })
	origin, err := url.Parse(s.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(mustRun(t, "token", "create", "--data", s.Data, "--role", "hospital", "--name", "ohif", "--facility", "minami"))
	pages := ohifPages(t, dist, origin, "/dicom-web", token)
	web := browse(t, s, "ohif.mjs", append(pictures(t), "OHIF_URL="+pages, "OHIF_STUDY="+e.study.StudyInstanceUID, "PATIENT=Hayase")...)
	t.Log(web)
}
