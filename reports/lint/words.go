package lint

import (
	"regexp"
	"strings"
)

// group is one matter under the words it goes by.
type group struct {
	ja, en string // its name
	words  []string
}

// questions are what requests ask for.
var questions = []group{
	{"出血", "haemorrhage", []string{"出血", "血腫", "hemorrhag", "haemorrhag", "bleed", "hematoma", "haematoma"}},
	{"梗塞", "infarction", []string{"梗塞", "虚血", "infarct", "ischemi", "ischaemi"}},
	{"骨折", "fracture", []string{"骨折", "fracture"}},
	{"肺炎", "pneumonia", []string{"肺炎", "浸潤影", "コンソリデーション", "consolidation", "pneumoni"}},
	{"気胸", "pneumothorax", []string{"気胸", "pneumothora"}},
	{"腫瘤・結節", "mass or nodule", []string{"結節", "腫瘤", "腫瘍", "がん", "癌", "悪性", "nodul", "mass", "tumor", "tumour", "cancer", "malignan", "neoplas"}},
	{"転移", "metastasis", []string{"転移", "metasta"}},
	{"水頭症", "hydrocephalus", []string{"水頭症", "脳室拡大", "hydroceph", "ventricul"}},
	{"動脈瘤", "aneurysm", []string{"動脈瘤", "瘤", "aneurysm"}},
	{"解離", "dissection", []string{"解離", "dissect"}},
	{"塞栓・血栓", "embolism or thrombosis", []string{"塞栓", "血栓", "embol", "thromb"}},
	{"虫垂炎", "appendicitis", []string{"虫垂", "appendi"}},
	{"結石", "stones", []string{"結石", "胆石", "stone", "calcul", "lithiasis"}},
	{"腸閉塞", "bowel obstruction", []string{"腸閉塞", "イレウス", "閉塞", "obstruct", "ileus"}},
	{"膵炎", "pancreatitis", []string{"膵炎", "膵", "pancreat"}},
	{"ヘルニア", "herniation", []string{"ヘルニア", "herniat", "protrusion"}},
	{"半月板", "meniscus", []string{"半月板", "menisc"}},
	{"靱帯", "ligaments", []string{"靱帯", "靭帯", "ligament"}},
}

// nothingAtAll answers every question at once.
var nothingAtAll = regexp.MustCompile(`(?i)異常(所見)?(を|は|が)?(認め|なし|ありま|指摘でき|ない)|正常(範囲|です|像)|no (acute |significant )?abnormal|unremarkable|normal (study|examination|ct|mr)`)

// negation is how a sentence says that something is not there.
var negation = regexp.MustCompile(`(?i)認めません|認めず|認めない|認めな|ありません|みられません|見られません|指摘できません|なし|無し|ない|否定|消失|\bno\b|\bnot\b|without|absence|negative|free of|ruled out|resolved`)

// lesions are words for something that has a size and a place.
var lesions = regexp.MustCompile(`(?i)結節|腫瘤|腫瘍|のう胞|嚢胞|動脈瘤|膿瘍|\bnodules?\b|\bmass(?:es)?\b|\btumou?rs?\b|\baneurysms?\b|\babscess(?:es)?\b|\bcysts?\b`)

var massEffect = regexp.MustCompile(`(?i)mass[ -]effect|腫瘍マーカー|tumou?r marker`)

var measured = regexp.MustCompile(`(?i)[0-9０-９]+(?:[.．][0-9０-９]+)?\s*(?:mm|cm|ｍｍ|ｃｍ|㎜|㎝|ミリ|センチ)|微小|粟粒|tiny|punctate|数\s*(?:mm|cm|㎜)|several (?:mm|millimet)`)

var placed = regexp.MustCompile(`(?i)葉|区域|S[0-9]|左|右|両側|正中|頭部|体部|尾部|底|尖|前|後|上|下|内側|外側|野|領域|脳|肺|肝|腎|膵|脾|胆|腸|胃|子宮|卵巣|甲状腺|縦隔|副腎|膀胱|骨|皮下|椎|関節|動脈|\bleft\b|\bright\b|bilateral|midline|upper|lower|middle|lobe|segment|anterior|posterior|medial|lateral|apical|basal|hepatic|liver|lung|kidney|renal|pancrea|spleen|adrenal|thyroid|mediastin|brain|cerebr|cerebell|ovar|uter|bone|artery`)

// criticals are findings somebody is told of at once (ACR Actionable Reporting
// Work Group, categories 1 and 2).
var criticals = []group{
	{"頭蓋内出血", "intracranial haemorrhage", []string{"くも膜下出血", "クモ膜下出血", "脳出血", "脳内出血", "被殻出血", "視床出血", "小脳出血", "脳幹出血", "皮質下出血", "硬膜下血腫", "硬膜外血腫", "subarachnoid h", "intracerebral h", "intracranial h", "putaminal h", "thalamic h", "cerebellar h", "subdural h", "epidural h", "extradural h"}},
	{"脳ヘルニア", "brain herniation", []string{"脳ヘルニア", "brain herniation", "uncal herniation", "tonsillar herniation"}},
	{"急性期梗塞", "acute infarction", []string{"急性期梗塞", "急性期脳梗塞", "acute infarct", "主幹動脈閉塞", "large vessel occlusion"}},
	{"大動脈解離・破裂", "aortic dissection or rupture", []string{"大動脈解離", "動脈瘤破裂", "切迫破裂", "aortic dissection", "ruptured aneurysm", "impending rupture"}},
	{"緊張性気胸", "tension pneumothorax", []string{"緊張性気胸", "tension pneumothora"}},
	{"肺塞栓", "pulmonary embolism", []string{"肺塞栓", "肺動脈血栓", "肺血栓", "pulmonary embol"}},
	{"消化管穿孔", "perforation", []string{"消化管穿孔", "腹腔内遊離ガス", "遊離ガス", "フリーエア", "free air", "pneumoperitoneum", "bowel perforation"}},
	{"腸管虚血・絞扼", "bowel ischaemia or strangulation", []string{"絞扼", "腸管壊死", "腸管虚血", "strangulat", "bowel ischemia", "bowel ischaemia", "門脈ガス", "portal venous gas"}},
	{"脊髄圧迫・不安定骨折", "cord compression or unstable fracture", []string{"脊髄圧迫", "不安定骨折", "頸椎骨折", "cord compression", "unstable fracture"}},
	{"臓器損傷", "solid organ injury", []string{"活動性出血", "血管外漏出", "active extravasation", "active bleeding", "active hemorrhage", "active haemorrhage"}},
}

// organs of one sex.
var (
	ofWomen = regexp.MustCompile(`(?i)子宮|卵巣|卵管|膣|\buter(?:us|ine)\b|\bovar(?:y|ies|ian)\b|fallopian|\bvagina`)
	ofMen   = regexp.MustCompile(`(?i)前立腺|精巣|精嚢|陰嚢|\bprostat|\btest(?:is|es|icular)\b|seminal vesicle|\bscrot`)
)

// regions are parts of the body with the words that are of them alone.
var regions = []struct {
	group
	parts []string // of Body Part Examined, PS3.16 Annex L
}{
	{group{"頭部", "head", []string{"脳", "頭蓋", "被殻", "視床", "くも膜", "硬膜", "脳室", "brain", "cerebr", "cranial", "ventric", "subdural"}}, []string{"HEAD", "BRAIN", "SKULL"}},
	{group{"胸部", "chest", []string{"肺", "胸膜", "縦隔", "気管支", "胸水", "lung", "pulmon", "pleura", "mediastin", "bronch"}}, []string{"CHEST", "LUNG", "THORAX"}},
	{group{"腹部", "abdomen", []string{"肝", "胆", "膵", "脾", "腎", "腸", "胃", "腹", "liver", "hepat", "gallbl", "pancrea", "spleen", "kidney", "renal", "bowel", "abdom"}}, []string{"ABDOMEN", "LIVER", "PELVIS", "KIDNEY", "PANCREAS"}},
	{group{"膝", "knee", []string{"膝", "半月板", "十字靱帯", "十字靭帯", "大腿骨", "脛骨", "knee", "menisc", "cruciate", "femor", "tibia"}}, []string{"KNEE"}},
	{group{"脊椎", "spine", []string{"椎", "脊", "spine", "spinal", "vertebr", "disc", "cord"}}, []string{"SPINE"}},
}

// find returns the first of the words that is in a text, as written there and to the
// end of its last word: some are beginnings.
func (g group) find(text string) (string, bool) {
	low := strings.ToLower(text)
	for _, w := range g.words {
		if i := strings.Index(low, w); i >= 0 && i+len(w) <= len(text) {
			rest := text[i+len(w):]
			more := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
			return text[i : i+len(w)+more], true
		}
	}
	return "", false
}
