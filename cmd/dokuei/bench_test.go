package main

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// withOverlay puts an overlay plane on an image of 64 × 64: columns 40 to 55 of rows 8
// to 15, counted from 0.
func withOverlay(d *dataset.Dataset) {
	bits := make([]byte, 64*64/8)
	for row := 8; row < 16; row++ {
		for column := 40; column < 56; column++ {
			bits[(row*64+column)/8] |= 1 << (column % 8)
		}
	}
	d.SetInt(tag.OverlayRows, "US", 64)
	d.SetInt(tag.OverlayColumns, "US", 64)
	d.SetString(tag.OverlayType, "CS", "G")
	d.SetInt(tag.OverlayOrigin, "SS", 1, 1)
	d.SetInt(tag.OverlayBitsAllocated, "US", 1)
	d.SetInt(tag.OverlayBitPosition, "US", 0)
	d.SetBytes(tag.OverlayData, "OW", bits)
}

// jnds counts the steps of the GSDF between two luminances by the formula that gives a
// luminance for a step (PS3.14 7.1), which the page does not use.
func jnds(black, white float64) (n int) {
	for j := 1; j <= 1023; j++ {
		x := math.Log(float64(j))
		up := -1.3011877 + 8.0242636e-2*x + 1.3646699e-1*x*x - 2.5468404e-2*x*x*x + 1.3635334e-3*x*x*x*x
		down := 1 - 2.5840191e-2*x - 1.0320229e-1*x*x + 2.8745620e-2*x*x*x - 3.1978977e-3*x*x*x*x + 1.2992634e-4*x*x*x*x*x
		if l := math.Pow(10, up/down); l >= black && l <= white {
			n++
		}
	}
	return n
}

// Overlays, the monitor check, windows in step, slices that come late, a study opened
// while it comes, and what is left in the browser after the sign-out. The script is
// bench.mjs.
func TestBenchInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := serve(t, newData(t, network))
	// Two of the slices that lie between the first and the second come late.
	all, _ := slices(t, 8, func(d *dataset.Dataset, _ int) { withOverlay(d) })
	files := regular(t, all)
	s.send(t, "MINAMI_CT", append(files[:1:1], files[3:]...)...)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool {
		open := reader.worklist("open")
		return len(open) == 1 && open[0].Study.Instances == 6
	})
	coming, _ := slices(t, 9, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.PatientID, "LO", "P0077")
		d.SetString(tag.AccessionNumber, "SH", "ACC77")
		d.SetInt(tag.NumberOfStudyRelatedInstances, "IS", 9)
	})
	parts := map[string][]string{"/between": files[1:3], "/begin": regular(t, coming)[:5], "/rest": regular(t, coming)[5:]}
	sender := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := tryRun(t, append([]string{"send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume"}, parts[r.URL.Path]...)...); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	}))
	t.Cleanup(sender.Close)
	log := browse(t, s, "bench.mjs", append(pictures(t), "READER=sato:"+password, "OTHER=ito:"+password, "HOSPITAL=minami:"+password, "SENDER="+sender.URL,
		"JNDS="+fmt.Sprint(jnds(0.5, 400)), "SECRETS=P0001 𠮷田 よしだ")...)
	if steps := strings.Count(log, "ok "); steps != 7 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// Every tool of the images, by hand and key. The script is images.mjs.
func TestImagesInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := start(t, t.TempDir(), "demo")
	log := browse(t, s, "images.mjs", append(pictures(t), "READER=yoshida:"+demoPassword)...)
	if steps := strings.Count(log, "ok "); steps < 10 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
