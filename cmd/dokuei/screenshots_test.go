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
	house := serve(t, newData(t, strings.NewReplacer(
		"[MINAMI_CT], quiet: 1s}", `[MINAMI_CT], quiet: 1s, retention: {images: 0d, reports: 0d, trash: 9d}, destinations: [{name: HIS, to: "mllp://127.0.0.1:9"}]}`,
		"[KITA_CT], quiet: 1s}", "[KITA_CT], quiet: 1s, retention: {images: 0d, reports: 0d, trash: 9d}}",
		"readers: [sato, ito]}", `readers: [sato, ono, ito]}
  - {id: school, name: 研修班, name_en: Teaching panel, readers: [sato, kato], trainees: [kato]}
  - {id: pair, name: 二重読影班, name_en: Double reading, readers: [sato, ono], readings: 2}`,
		"rules:\n", `  - {login: root, name: 管理 太郎, name_en: Taro Kanri, role: administrator, password: a password for tests}
  - {login: kato, name: 加藤 葵, name_en: Aoi Kato, role: trainee, license: "345678", password: a password for tests}
  - {login: ono, name: 小野 誠, name_en: Makoto Ono, role: reader, license: "456789", password: a password for tests}
  - {login: tanaka, name: 田中 次郎, name_en: Jiro Tanaka, role: ordering_doctor, facility: minami, email: tanaka@example.jp, password: a password for tests}
rules:
  - {name: school, when: {words: [研修]}, then: {panel: school, priority: ROUTINE, within: 24h}}
  - {name: pair, when: {words: [二重]}, then: {panel: pair, priority: ROUTINE, within: 24h}}
`).Replace(network)))
	sent := []struct{ aet, id, description string }{
		{"MINAMI_CT", "M-1", ""},
		{"KITA_CT", "K-77", ""},
		{"KITA_CT", "K-78", ""},
		{"MINAMI_CT", "L-1", "頭部CT"},
		{"MINAMI_CT", "L-2", "頭部CT"},
		{"MINAMI_CT", "L-3", "頭部CT 研修"},
		{"MINAMI_CT", "L-4", "頭部CT 二重"},
		{"MINAMI_CT", "L-5", "頭部CT"},
	}
	for _, one := range sent {
		dir, _ := slices(t, 3, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.PatientID, "LO", one.id)
			if one.description != "" {
				d.SetString(tag.StudyDescription, "LO", one.description)
			}
		})
		house.send(t, one.aet, dir)
	}
	desk := house.signIn(t, "coord", password)
	eventually(t, "the studies of the house are on the list", func() bool { return len(desk.worklist("open")) == len(sent) })
	accounts := "root:" + password
	for _, login := range []string{"coord", "minami", "kita", "ito", "sato", "ono", "kato", "tanaka"} {
		accounts += "|" + login + ":" + password
	}
	log := browse(t, s, "screenshots.mjs", "HOUSE_URL="+house.HTTP, "HOUSE="+accounts, "OUT_DIR="+sheets, "PICTURES_DIR="+single,
		"READER=yoshida:"+demoPassword, "COORDINATOR=sakiyama:"+demoPassword, "INVITATION="+invitation, "HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword)
	t.Log("\n" + log)
}
