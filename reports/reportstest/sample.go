// Package reportstest has report values for the tests of the writers: full ones
// with the names and characters that go wrong elsewhere.
package reportstest

import (
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
)

// Sample returns a signed final report in Japanese, whose first line is in codes too.
func Sample() *reports.Report {
	sct := func(value, meaning string) reports.Concept {
		return reports.Concept{Value: value, Scheme: "SCT", Meaning: meaning}
	}
	r := sample()
	line, _, _ := strings.Cut(r.Sections[0].Text, "\n")
	r.Marks.Coded = []reports.Coded{{
		Section: reports.CodeFindings, Line: line, Finding: sct("274100004", "Cerebral hemorrhage"),
		Modifiers: []reports.Modifier{
			{Name: sct("363698007", "Finding Site"), Value: sct("89278009", "Putamen")},
			{Name: sct("272741003", "Laterality"), Value: sct("24028007", "Right")},
		},
	}}
	return r
}

func sample() *reports.Report {
	return &reports.Report{
		ID: "0193a2b0-7c1e-7000-8000-000000000001", StudyID: "0193a2b0-7c1e-7000-8000-0000000000aa",
		Version: 1, Kind: reports.Final, Language: "ja",
		Title: reports.TitleFor([]string{"CT"}, "HEAD"),
		Sections: []reports.Section{
			{Code: reports.CodeFindings, Heading: "所見", Text: "右被殻に約 3.2 × 2.1 cm の高吸収域を認め、周囲に淡い低吸収域（浮腫）を伴います。①右側脳室は軽度圧排され、正中偏位は 3 mm です。\n脳室内穿破、水頭症を認めません。「くも膜下出血」を示す所見はありません。"},
			{Code: reports.CodeImpression, Heading: "診断", Text: "右被殻出血（推定血腫量 約 12 mL）。"},
			{Code: reports.CodeRecommendation, Heading: "推奨", Text: "脳神経外科へのコンサルト、6時間後のCT再検を推奨します。"},
		},
		Author:   reports.Author{UserID: "u1", Name: "佐藤 花子", NameEn: "Hanako Sato", License: "123456"},
		Facility: reports.Facility{ID: "kaifu", Name: "海部病院", NameEn: "Kaifu Hospital"},
		Patient: reports.Patient{
			Name: "YOSHIDA^TARO=𠮷田^太郎=ヨシダ^タロウ", PatientID: "KF-00123",
			BirthDate: "19480305", Sex: "M",
		},
		Study: reports.Study{
			StudyInstanceUID: "2.25.293847298347", StudyID: "1", AccessionNumber: "A20261122001",
			Date: "20261122", Time: "083015", Description: "頭部単純CT", Modalities: []string{"CT"}, BodyPart: "HEAD",
			ReferringPhysician: "TAKAHASHI^JIRO=髙橋^二郎=タカハシ^ジロウ",
			Request:            "突然の左片麻痺。山﨑医院より紹介。出血の有無をお願いします。",
		},
		SignedAt:    time.Date(2026, 11, 22, 0, 15, 42, 123456000, time.UTC),
		ContentHash: strings.Repeat("0123456789abcdef", 4),
	}
}

// Coded returns a report with codes in several places: two of one line, a line between
// others and empty ones, the last line of its section.
func Coded() *reports.Report {
	r := Sample()
	finding := func(section, line, value, meaning string) reports.Coded {
		return reports.Coded{Section: section, Line: line, Finding: reports.Concept{Value: value, Scheme: "SCT", Meaning: meaning}}
	}
	r.Sections[0].Text = "単純CTです。\n\n右胸水と気胸を認めます。\n\n左に所見なし。\n右中葉に結節を認めます。\n腹水なし。\n\n骨折を認めます。"
	r.Sections[1].Text = "骨折を認めます。\n結節の精査を。"
	fluid := finding(reports.CodeFindings, "右胸水と気胸を認めます。", "60046008", "Pleural effusion")
	fluid.Modifiers = Sample().Marks.Coded[0].Modifiers[1:]
	air := finding(reports.CodeFindings, fluid.Line, "36118008", "Pneumothorax")
	air.Modifiers = fluid.Modifiers
	r.Marks.Coded = []reports.Coded{
		fluid, air, finding(reports.CodeFindings, "右中葉に結節を認めます。", "27925004", "Nodule"),
		finding(reports.CodeFindings, "骨折を認めます。", "125605004", "Fracture of bone"),
		finding(reports.CodeImpression, "骨折を認めます。", "125605004", "Fracture of bone"),
	}
	return r
}

// English returns the same study reported in English.
func English() *reports.Report {
	r := sample()
	r.Language = "en"
	r.Sections = []reports.Section{
		{Code: reports.CodeFindings, Heading: "Findings", Text: "Hyperdense lesion of 3.2 × 2.1 cm in the right putamen with surrounding oedema. Midline shift 3 mm."},
		{Code: reports.CodeImpression, Heading: "Impression", Text: "Right putaminal haemorrhage."},
	}
	return r
}

// Amended returns version 2 of Sample, whose first version another reader signed.
func Amended() *reports.Report {
	r := Sample()
	r.ID = "0193a2b0-7c1e-7000-8000-000000000002"
	r.Version, r.Kind = 2, reports.Addendum
	first := Sample().Summary()
	first.Author = reports.Author{UserID: "u2", Name: "鈴木 一郎", NameEn: "Ichiro Suzuki", License: "234567"}
	r.Earlier = []reports.Summary{first}
	r.PredecessorID = first.ID
	r.Predecessors = []reports.DocumentRef{{
		Object: "sr", SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11",
		SOPInstanceUID: "2.25.1111", SeriesInstanceUID: "2.25.2222",
	}}
	r.Sections = append(r.Sections, reports.Section{
		Code: reports.CodeAddendum, Heading: "補遺",
		Text: "追加された造影像でspot signを認めます。血腫増大に注意してください。",
	})
	r.SignedAt = r.SignedAt.Add(time.Hour)
	r.ContentHash = strings.Repeat("fedcba9876543210", 4)
	return r
}

// Long returns a report of several pages.
func Long() *reports.Report {
	r := sample()
	var b strings.Builder
	for range 60 {
		b.WriteString("右上葉に径12mmの結節を認め、辺縁はやや不整、胸膜陥入を伴います（図２参照）。前回（2025/11/20）と比較し、増大しています。")
	}
	r.Sections[0].Text = b.String() + "\n" + strings.Repeat("line\n", 30)
	return r
}
