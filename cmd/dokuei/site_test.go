package main

import "testing"

// password is that of every account of the tests.
const password = "a password for tests"

// network is the site file most tests use: two hospitals, one panel, two
// readers, a rule and the fallback.
const network = `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 1s}
  - {id: kita, name: 北病院, name_en: Kita Hospital, ae_titles: [KITA_CT], quiet: 1s}
panels:
  - {id: npo, name: NPO読影班, name_en: NPO panel, readers: [sato, ito]}
users:
  - {login: sato, name: 佐藤 花子, name_en: Hanako Sato, role: reader, license: "123456", password: a password for tests}
  - {login: ito, name: 伊藤 健, name_en: Ken Ito, role: reader, license: "234567", password: a password for tests}
  - {login: coord, name: 﨑山 直子, name_en: Naoko Sakiyama, role: coordinator, password: a password for tests}
  - {login: minami, name: 南病院 放射線科, name_en: Minami radiology, role: hospital, facility: minami, password: a password for tests}
  - {login: kita, name: 北病院 放射線科, name_en: Kita radiology, role: hospital, facility: kita, password: a password for tests}
rules:
  - {name: stroke, when: {modality: [CT], body_part: [HEAD], words: [脳卒中]}, then: {panel: npo, priority: STAT, within: 30m}}
fallback: {panel: npo, priority: ROUTINE, within: 24h}
`

// newData is a data folder to which a site file has been applied.
func newData(t testing.TB, site string) string {
	t.Helper()
	data := t.TempDir()
	mustRun(t, "apply", "-f", writeFile(t, t.TempDir()+"/site.yaml", site), "--data", data)
	return data
}
