package reports

import (
	"slices"
	"strings"
)

// Title is the document title of a report: a LOINC concept of PS3.16 CID 7000
// "Diagnostic Imaging Report Document Title" and its printed form.
type Title struct {
	Code    string `json:"code"`
	Meaning string `json:"meaning"` // the concept's English name
	Ja      string `json:"ja"`
}

// In returns the title as printed in a language.
func (t Title) In(language string) string {
	if language == "ja" {
		return t.Ja
	}
	return t.Meaning
}

// titles lists the concepts of CID 7000 that this product writes, the most
// special first. A row matches when its modality is one of the study's and one
// of its words is in the body part.
var titles = []struct {
	modality string
	parts    []string
	title    Title
}{
	{"CT", []string{"HEAD", "BRAIN", "SKULL"}, Title{"24725-4", "CT Head Report", "頭部CT検査報告書"}},
	{"CT", []string{"CHEST", "LUNG", "THORAX"}, Title{"24627-2", "CT Chest Report", "胸部CT検査報告書"}},
	{"CT", []string{"ABDOMEN", "LIVER"}, Title{"41806-1", "CT Abdomen Report", "腹部CT検査報告書"}},
	{"MR", []string{"BRAIN", "HEAD"}, Title{"24590-2", "MR Brain Report", "頭部MR検査報告書"}},
	{"CT", nil, Title{"25045-6", "CT Report", "CT検査報告書"}},
	{"MR", nil, Title{"25056-3", "MRI Report", "MRI検査報告書"}},
}

// otherRegions are words of PS3.16 Annex L that no row of titles stands for: a
// body part with one of them is more than the row says.
var otherRegions = []string{"NECK", "SPINE", "PELVIS", "HIP", "LEG", "ARM", "EXTREMITY", "KNEE", "SHOULDER", "HEART", "BREAST", "WHOLEBODY", "TRUNK"}

var generalTitle = Title{"18748-4", "Diagnostic Imaging Report", "画像診断報告書"}

// TitleFor chooses the document title for a study. A study of more than one
// imaging modality gets the general title: a title must not contradict its
// content (PS3.16 TID 2000, note on rows 2 to 4).
func TitleFor(modalities []string, bodyPart string) Title {
	imaging := slices.DeleteFunc(slices.Clone(modalities), func(m string) bool {
		switch m {
		case "SR", "DOC", "KO", "PR", "OT", "SC":
			return true
		}
		return false
	})
	if len(imaging) != 1 {
		return generalTitle
	}
	part := strings.ToUpper(bodyPart)
	// "CHESTABDOMEN" or "HEADNECK" is more than one region.
	regions := map[string]bool{}
	for _, word := range otherRegions {
		if strings.Contains(part, word) {
			regions["other"] = true
		}
	}
	for _, row := range titles {
		if row.modality != imaging[0] {
			continue
		}
		for _, word := range row.parts {
			if strings.Contains(part, word) {
				regions[row.title.Code] = true
			}
		}
	}
	for _, row := range titles {
		if row.modality != imaging[0] {
			continue
		}
		if row.parts == nil || len(regions) == 1 && regions[row.title.Code] {
			return row.title
		}
	}
	return generalTitle
}

// TitleByCode returns the title of a code, with the meaning given when the code
// is not one this product writes.
func TitleByCode(code, meaning string) Title {
	for _, row := range titles {
		if row.title.Code == code {
			return row.title
		}
	}
	if code == generalTitle.Code {
		return generalTitle
	}
	return Title{Code: code, Meaning: meaning, Ja: meaning}
}
