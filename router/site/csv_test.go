package site_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/dokuei/dokuei/router/site"
)

const small = `
facilities:
  - {id: kaifu, name: 海部病院, ae_titles: [KAIFU_CT, KAIFU_MR], quiet: 30s, hl7_senders: [KAIFU], pseudonymous: true, contract: {STAT: {claim: 10m, final: 30m}}, destinations: [{name: PACS, to: "P@192.0.2.1:104", objects: [sr, pdf], notify: ian, commit: true}, {name: RIS, to: "mllp://192.0.2.2:2575", objects: [oru]}]}
panels:
  - {id: npo, name: NPO, readers: [sato, ono, abe], trainees: [abe], readings: 2}
codes:
  - {part: site, code: "200", name: 胸部, name_en: Chest}
  - {part: technique, code: "60000", name: 単純CT}
users:
  - {login: sato, name: 佐藤 花子, role: reader, license: "1", hours: ["mon-fri 09:00-17:00", "sat 09:00-12:00"], capacity: 3}
`

func parsed(t *testing.T, text string) site.File {
	t.Helper()
	f, err := site.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is written is read back, in UTF-8 and in the Shift JIS of a spreadsheet.
func TestCSVRoundTrip(t *testing.T) {
	t.Parallel()
	f := parsed(t, small)
	for _, table := range site.Tables {
		var b bytes.Buffer
		if err := f.WriteCSV(&b, table); err != nil {
			t.Fatal(err)
		}
		jis, err := japanese.ShiftJIS.NewEncoder().Bytes(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))
		if err != nil {
			t.Fatal(err)
		}
		for name, raw := range map[string][]byte{"utf-8": b.Bytes(), "shift jis": jis} {
			got, err := site.ParseCSV(bytes.NewReader(raw), table, f)
			if err != nil {
				t.Fatalf("%s %s: %v", table, name, err)
			}
			var again bytes.Buffer
			if err := got.WriteCSV(&again, table); err != nil || again.String() != b.String() {
				t.Errorf("%s %s: %v\n%s\nwant\n%s", table, name, err, again.String(), b.String())
			}
		}
	}
}

// Columns that a table does not have stay as they are in the directory.
func TestCSVKeepsWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	f, err := site.ParseCSV(strings.NewReader("name,id,contract STAT\r\n海部総合病院,kaifu,\r\n"), site.FacilityTable, parsed(t, small))
	if err != nil {
		t.Fatal(err)
	}
	x := f.Facilities[0]
	if x.Name != "海部総合病院" || len(x.AETitles) != 2 || len(x.Destinations) != 2 || len(x.Contract) != 0 {
		t.Errorf("%+v", x)
	}
}

// A destination in a row of its own is laid over the one of that name; the hospital and
// its other destinations stay. Seats of a panel are changed by its row alone.
func TestCSVOfDestinationsAndPanels(t *testing.T) {
	t.Parallel()
	now := parsed(t, small)
	f, err := site.ParseCSV(strings.NewReader("to,name,facility,commit\r\nP@192.0.2.9:104,PACS,kaifu,\r\nQ@192.0.2.9:105,第二,kaifu,yes\r\n"), site.RouteTable, now)
	if err != nil {
		t.Fatal(err)
	}
	x := f.Facilities[0]
	if len(f.Facilities) != 1 || x.Name != "海部病院" || len(x.AETitles) != 2 || len(x.Destinations) != 2 || len(now.Facilities[0].Destinations) != 2 {
		t.Fatalf("%+v", f.Facilities)
	}
	if d := x.Destinations[0]; d.To != "P@192.0.2.9:104" || len(d.Objects) != 2 || d.Notify != "ian" || d.Commit {
		t.Errorf("%+v", d)
	}
	if d := x.Destinations[1]; d.Name != "第二" || !d.Commit {
		t.Errorf("%+v", d)
	}
	f, err = site.ParseCSV(strings.NewReader("id,readers\r\nnpo,sato; abe; ono; mori\r\n"), site.PanelTable, now)
	if err != nil || len(f.Panels) != 1 || len(f.Panels[0].Readers) != 4 || f.Panels[0].Readings != 2 || f.Panels[0].Name != "NPO" {
		t.Errorf("%+v, %v", f.Panels, err)
	}
	for _, bad := range []struct {
		table      site.Table
		text, want string
	}{
		{site.RouteTable, "facility,name,to\nkaifu,A,X@192.0.2.1:104\nnowhere,B,Y@192.0.2.1:104\n", "line 3: there is no facility"},
		{site.RouteTable, "facility,to\nkaifu,X@192.0.2.1:104\n", "the column name is missing"},
		{site.RouteTable, "facility,name,to\nkaifu,A,nonsense\n", "line 2"},
		{site.RouteTable, "facility,name,to,commit\nkaifu,A,X@192.0.2.1:104,maybe\n", "it is yes or empty"},
		{site.RouteTable, "facility,name,to\nkaifu,A,X@192.0.2.1:104\nkaifu,A,Y@192.0.2.1:104\n", "destination"},
		{site.PanelTable, "id,name,readings\nx,X,3\n", "line 2"},
		{site.PanelTable, "id,name,readings\nx,X,two\n", "line 2"},
	} {
		_, err := site.ParseCSV(strings.NewReader(bad.text), bad.table, now)
		var p site.Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%q: %v, want %s", bad.text, err, bad.want)
		}
	}
}

func TestCSVProblemsHaveTheirLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "line 1",
		"name\nx\n":                         "the column id is missing",
		"id,nmae\nkaifu,x\n":                "there is no column",
		"id,id\na,b\n":                      "line 1",
		"id,name\nkaifu\n":                  "line 2",
		"id,name,hours\na,A,weekdays\n":     "line 2",
		"id,name\na,A\n\nB C,B\n":           "line 4",
		"id,name\na,A\na,B\n":               "facility id",
		"id,name,contract STAT\na,A,soon\n": "a contract is written like",
		"\xff\xfe\xff":                      "neither UTF-8 nor Shift JIS",
	} {
		_, err := site.ParseCSV(strings.NewReader(text), site.FacilityTable, site.File{})
		var p site.Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A spreadsheet takes no cell for a formula, and none is changed by that.
func TestCSVDefusesFormulas(t *testing.T) {
	t.Parallel()
	f := parsed(t, strings.Replace(small, "name: 佐藤 花子", `name: "=1+1"`, 1))
	var b bytes.Buffer
	if err := f.WriteCSV(&b, site.UserTable); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), ",'=1+1,") {
		t.Errorf("%s", b.String())
	}
	got, err := site.ParseCSV(&b, site.UserTable, site.File{})
	if err != nil || got.Users[0].Name != "=1+1" {
		t.Errorf("%+v, %v", got.Users, err)
	}
}

func FuzzParseCSV(f *testing.F) {
	f.Add([]byte("id,name,hours,contract STAT\na,A,mon-fri 09:00-17:00,10m 30m\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, table := range site.Tables {
			got, err := site.ParseCSV(bytes.NewReader(raw), table, site.File{})
			if err != nil {
				continue
			}
			var b bytes.Buffer
			if err := got.WriteCSV(&b, table); err != nil {
				t.Fatal(err)
			}
		}
	})
}
