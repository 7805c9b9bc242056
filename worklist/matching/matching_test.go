package matching_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/worklist/matching"
)

var start = matching.Moment{Date: tag.ScheduledProcedureStepStartDate, Time: tag.ScheduledProcedureStepStartTime}

// entry is one patient with one step.
func entry() *dataset.Dataset {
	d, s := dataset.New(), dataset.New()
	d.SetString(tag.PatientName, "PN", "Yamada^Taro=山田^太郎=やまだ^たろう")
	d.SetString(tag.PatientID, "LO", "P-001")
	d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
	d.SetString(tag.ReferringPhysicianName, "PN")
	s.SetString(start.Date, "DA", "20260706")
	s.SetString(start.Time, "TM", "093000")
	s.SetString(tag.Modality, "CS", "CT")
	d.SetItems(tag.ScheduledProcedureStepSequence, s)
	return d
}

type keys map[tag.Tag]string

// query makes keys, those of the step in an item.
func query(top, step keys) *dataset.Dataset {
	fill := func(k keys) *dataset.Dataset {
		d := dataset.New()
		for t, v := range k {
			e, _ := tag.Lookup(t)
			d.SetString(t, e.VR, v)
		}
		return d
	}
	d := fill(top)
	if step != nil {
		d.SetItems(tag.ScheduledProcedureStepSequence, fill(step))
	}
	return d
}

func TestMatch(t *testing.T) {
	t.Parallel()
	at := func(date, time string) keys { return keys{start.Date: date, start.Time: time} }
	name := func(v string) keys { return keys{tag.PatientName: v} }
	for _, c := range []struct {
		name      string
		top, step keys
		want      bool
	}{
		{"nothing", nil, nil, true},
		{"universal", keys{tag.PatientID: "*", tag.StudyInstanceUID: ""}, keys{tag.Modality: ""}, true},
		{"a key we do not have", keys{tag.PatientComments: "x"}, nil, true},
		{"single value", keys{tag.PatientID: "P-001"}, nil, true},
		{"case counts", keys{tag.PatientID: "p-001"}, nil, false},
		{"wild cards", keys{tag.PatientID: "P?0*1"}, nil, true},
		{"wild cards, no", keys{tag.PatientID: "P?1*"}, nil, false},
		{"a list", keys{tag.PatientID: `P-002\P-001`}, nil, true},
		{"UIDs", keys{tag.StudyInstanceUID: `1.2\1.2.3`}, nil, true},
		{"a UID has no wild cards", keys{tag.StudyInstanceUID: "1.2*"}, nil, false},
		{"alphabetic", name("YAMADA^taro"), nil, true},
		{"full width", name("ＹＡＭＡＤＡ*"), nil, true},
		{"ideographic", name("山田*"), nil, true},
		{"katakana", name("ヤマダ*"), nil, true},
		{"half width kana", name("ﾔﾏﾀﾞ^ﾀﾛｳ"), nil, true},
		{"group by group", name("=山田*"), nil, true},
		{"the wrong group", name("山田*=*"), nil, false},
		{"components at the end", name("Yamada^Taro^*^*"), nil, true},
		{"another name", name("Yamamoto*"), nil, false},
		{"a value where there is none", keys{tag.ReferringPhysicianName: "Sato"}, nil, false},
		{"day", nil, at("20260706", ""), true},
		{"day as of old", nil, at("2026.07.06", ""), true},
		{"other day", nil, at("20260707", ""), false},
		{"days", nil, at("20260705-20260707", ""), true},
		{"until", nil, at("-20260705", ""), false},
		{"from", nil, at("20260706-", ""), true},
		{"hour", nil, at("", "09"), true},
		{"hours", nil, at("", "08-09"), true},
		{"hours, no", nil, at("", "10-"), false},
		{"day, hours", nil, at("20260706", "10-18"), false},
		{"moments: the hour is of the first day", nil, at("20260705-20260707", "10-0800"), true},
		{"moments: before", nil, at("20260706-20260707", "10-1800"), false},
		{"moments: last minute", nil, at("20260705-20260706", "10-0930"), true},
		{"moments: after", nil, at("20260705-20260706", "10-0929"), false},
		{"moments: end open", nil, at("20260705-20260706", "10-"), true},
		{"moments: a time without its day", nil, at("20260705-", "-0900"), false},
		{"modality", nil, keys{tag.Modality: "CT"}, true},
		{"both", keys{tag.PatientID: "P-001"}, keys{tag.Modality: "MR"}, false},
	} {
		m, err := matching.Compile(query(c.top, c.step), entry(), start)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Match(entry()) != c.want {
			t.Errorf("%s: not %v", c.name, c.want)
		}
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	two := dataset.New()
	two.SetItems(tag.ScheduledProcedureStepSequence, dataset.New(), dataset.New())
	for name, key := range map[string]*dataset.Dataset{
		"no date":        query(nil, keys{start.Date: "tomorrow"}),
		"no time":        query(nil, keys{start.Time: "930"}),
		"only a dash":    query(nil, keys{start.Date: "-"}),
		"moments":        query(nil, keys{start.Date: "2026-2027", start.Time: "10-11"}),
		"a long pattern": query(keys{tag.PatientID: strings.Repeat("*a", 200)}, nil),
		"a long name":    query(keys{tag.PatientName: strings.Repeat("*a", 200)}, nil),
		"many values":    query(keys{tag.PatientID: strings.Repeat(`a\`, 100) + "b"}, nil),
		"many UIDs":      query(keys{tag.StudyInstanceUID: strings.Repeat(`1.2\`, 5000) + "1"}, nil),
		"two items":      two,
	} {
		_, err := matching.Compile(key, entry(), start)
		var bad *matching.KeyError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for v, want := range map[string][2]string{
		"20260706": {"20260706", "20260706"}, "2026.07.06-20260708": {"20260706", "20260708"}, "20260706-": {"20260706", ""},
		"-20260706": {"", "20260706"}, "": {}, "*": {}, "soon": {},
	} {
		if from, to := matching.Days([]string{v}); [2]string{from, to} != want {
			t.Errorf("%q: %q %q", v, from, to)
		}
	}
	if from, to := matching.Days([]string{"20260706", "20260708"}); from+to != "" {
		t.Error("a list has no bounds:", from, to)
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	some := matching.Project(query(keys{tag.PatientID: "", tag.PatientComments: "", tag.SpecificCharacterSet: "ISO_IR 192"}, keys{tag.Modality: ""}), entry())
	step := some.Item(tag.ScheduledProcedureStepSequence)
	if some.Len() != 2 || step.Len() != 1 || step.String(tag.Modality) != "CT" {
		t.Error(some.Tags(), step.Tags())
	}
	for _, key := range []*dataset.Dataset{query(nil, keys{}), func() *dataset.Dataset {
		d := dataset.New()
		d.SetItems(tag.ScheduledProcedureStepSequence)
		return d
	}()} {
		if step := matching.Project(key, entry()).Item(tag.ScheduledProcedureStepSequence); step == nil || step.Len() != 3 {
			t.Error("a sequence without keys comes whole")
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("Yamada*=*", "20260101-", "-0930", "P?*")
	f.Add("==", "-", "", `\`)
	f.Fuzz(func(t *testing.T, name, date, time, id string) {
		key := query(keys{tag.PatientName: name, tag.PatientID: id}, keys{start.Date: date, start.Time: time})
		if m, err := matching.Compile(key, entry(), start); err == nil {
			m.Match(entry())
		}
	})
}
