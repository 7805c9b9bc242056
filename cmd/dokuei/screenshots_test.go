package main

import (
	"os"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// The sheets of docs/screenshots: every page of the demo in both languages, light and
// dark, at three sizes. The script is viewer/web/e2e/screenshots.mjs. It takes minutes
// and says nothing that the other tests do not, so it runs when SCREENSHOT_SHEETS names
// the folder for the sheets; SCREENSHOTS keeps the single pictures, ONLY="page page"
// makes the sheets of these pages alone.
func TestScreenshots(t *testing.T) {
	sheets := os.Getenv("SCREENSHOT_SHEETS")
	if sheets == "" {
		t.Skip("SCREENSHOT_SHEETS names no folder: no page is photographed")
	}
	builtPages(t)
	single := os.Getenv("SCREENSHOTS")
	if single == "" {
		single = t.TempDir()
	}
	data := t.TempDir()
	s := start(t, data, "demo")
	invitation := strings.TrimSpace(mustRun(t, "invite", "kinoshita", "--data", data, "--public-url", s.HTTP, "--name", "木下 恵", "--name-en", "Megumi Kinoshita", "--role", "coordinator"))
	house := serve(t, newData(t, strings.NewReplacer("quiet: 1s}", "quiet: 1s, retention: {images: 0d, reports: 0d, trash: 9d}}",
		"rules:\n", "  - {login: root, name: 管理 太郎, name_en: Taro Kanri, role: administrator, password: a password for tests}\nrules:\n").Replace(network)))
	for _, one := range []struct{ aet, id string }{{"MINAMI_CT", "M-1"}, {"KITA_CT", "K-77"}, {"KITA_CT", "K-78"}} {
		dir, _ := slices(t, 3, func(d *dataset.Dataset, _ int) { d.SetString(tag.PatientID, "LO", one.id) })
		house.send(t, one.aet, dir)
	}
	desk := house.signIn(t, "coord", password)
	eventually(t, "the studies of the house are on the list", func() bool { return len(desk.worklist("open")) == 3 })
	accounts := "root:" + password
	for _, login := range []string{"coord", "minami", "kita", "ito"} {
		accounts += "|" + login + ":" + password
	}
	log := browse(t, s, "screenshots.mjs", "HOUSE_URL="+house.HTTP, "HOUSE="+accounts, "OUT_DIR="+sheets, "PICTURES_DIR="+single,
		"READER=yoshida:"+demoPassword, "COORDINATOR=sakiyama:"+demoPassword, "INVITATION="+invitation, "HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword)
	t.Log("\n" + log)
}
