package pdf

import "github.com/dokuei/dokuei/reports"

// words are the printed labels of a page.
type words struct {
	to, patient, phonetic, id, birth, sex, studied, modality, description string
	accession, referrer, request, reader, license, signed, version, hash  string
	page, years, honorific, missing, reportID, male, female, any          string
	figures, figure                                                       string

	kinds map[reports.Kind]string // what is printed below the title; none for a final report
}

var ja = words{
	to: "宛先", patient: "患者氏名", phonetic: "フリガナ", id: "患者ID", birth: "生年月日", sex: "性別",
	studied: "検査日時", modality: "検査種別", description: "検査内容", accession: "受付番号",
	referrer: "依頼医", request: "依頼内容", reader: "読影医", license: "医籍登録番号", signed: "署名日時",
	version: "版", hash: "内容ハッシュ (SHA-256)", page: "%d / %d ページ", years: "%d歳",
	honorific: " 御中", missing: "〓は印刷書体にない文字です: ", reportID: "報告書ID",
	figures: "キー画像", figure: "図%d",
	male: "男", female: "女", any: "その他",
	kinds: map[reports.Kind]string{
		reports.Preliminary: "暫定報告（未確定）", reports.Addendum: "補遺", reports.Correction: "訂正版", reports.Retraction: "撤回",
	},
}

var en = words{
	to: "To", patient: "Patient", phonetic: "Phonetic", id: "Patient ID", birth: "Date of birth", sex: "Sex",
	studied: "Study date", modality: "Modality", description: "Study", accession: "Accession no.",
	referrer: "Referred by", request: "Request", reader: "Read by", license: "Licence no.", signed: "Signed",
	version: "Version", hash: "Content hash (SHA-256)", page: "Page %d of %d", years: "%d y",
	honorific: "", missing: "〓 stands for characters the typeface does not have: ", reportID: "Report ID",
	figures: "Key images", figure: "Fig. %d",
	male: "M", female: "F", any: "Other",
	kinds: map[reports.Kind]string{
		reports.Preliminary: "PRELIMINARY", reports.Addendum: "Addendum", reports.Correction: "CORRECTED", reports.Retraction: "RETRACTED",
	},
}

func wordsFor(language string) *words {
	if language == "ja" {
		return &ja
	}
	return &en
}

func (w *words) sexOf(code string) string {
	switch code {
	case "M":
		return w.male
	case "F":
		return w.female
	case "":
		return ""
	}
	return w.any
}
