package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// A stroke report in a browser: written with the fields of a template, a key image
// and a measurement in fewer than 60 strokes beyond free text, stopped at a wrong
// side, signed; when nobody was told of its critical finding in time the
// coordinator sees it, until the orderer acknowledges. The script is
// viewer/web/e2e/report.mjs, in both languages. SCREENSHOTS=DIR keeps its pictures.
func TestReportInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	for _, locale := range []string{"ja-JP", "en-GB"} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			testReport(t, locale)
		})
	}
}

func testReport(t *testing.T, locale string) {
	t.Helper()
	data := t.TempDir()
	out := os.Getenv("SCREENSHOTS")
	if out == "" {
		out = t.TempDir()
	}
	run := func(s *server, phase string) {
		t.Helper()
		t.Log(browse(t, s, "report.mjs", "OUT_DIR="+out, "LOCALE="+locale, "PHASE="+phase, "READER=yoshida:"+demoPassword,
			"COORDINATOR=sakiyama:"+demoPassword, "HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword))
	}
	s := start(t, data, "demo")
	run(s, "write")
	s.stop(t)

	// The hour in which somebody had to be told has passed.
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE criticals SET deadline = flagged_at`)
		return err
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	run(start(t, data, "demo"), "follow")
}
