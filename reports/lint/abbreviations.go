package lint

import (
	"regexp"
	"strings"

	"golang.org/x/text/width"
)

// meaning is what an abbreviation stands for.
type meaning struct{ ja, en string }

// token is a word that may be an abbreviation, as it is written: n.p., s/o, GGO.
var token = regexp.MustCompile(`[A-Za-z](?:\.[A-Za-z])+\.?|[A-Za-z0-9]+(?:/[A-Za-z0-9]+)?`)

// number is how the text before a unit ends.
var number = regexp.MustCompile(`[0-9]\s*$`)

// abbreviation: what a ward may not know is spelt out at least once, and what can be
// read in two ways is.
func abbreviation(r Report) []Finding {
	var out []Finding
	text := r.text()
	low := strings.ToLower(text)
	for _, name := range order {
		section := width.Fold.String(r.Sections[name])
		for _, at := range token.FindAllStringIndex(section, -1) {
			if number.MatchString(section[:at[0]]) {
				continue
			}
			for _, w := range parts(section[at[0]:at[1]]) {
				f := Finding{Section: name, Quote: w}
				var ja, en []string
				spelt := false
				for _, m := range meanings(w) {
					spelt = spelt || strings.Contains(text, m.ja) || strings.Contains(low, strings.ToLower(m.en))
					ja, en = append(ja, m.ja), append(en, m.en)
					f.Fixes = append(f.Fixes, map[string]string{"ja": m.ja, "en": m.en})
				}
				switch {
				case spelt || len(ja) == 0:
					continue
				case len(ja) == 1:
					f.Text = map[string]string{"ja": "略語「" + w + "」（" + ja[0] + "）は書き下してください。", "en": `Spell "` + w + `" out: ` + en[0] + "."}
				default:
					f.Text = map[string]string{
						"ja": "略語「" + w + "」は" + strings.Join(ja, "とも") + "とも読めます。書き下してください。",
						"en": `"` + w + `" can be read as ` + strings.Join(en, " or ") + ": spell it out.",
					}
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// parts are a word, or its two sides when only they may be known: SDH/SAH.
func parts(w string) []string {
	left, right, both := strings.Cut(w, "/")
	if !both || len(meanings(w)) > 0 {
		return []string{w}
	}
	return []string{left, right}
}

// meanings are what a word as written may stand for: w.n.l. is WNL, R/O is r/o.
func meanings(w string) []meaning {
	switch {
	case strings.Contains(w, "."):
		w = strings.ToUpper(strings.ReplaceAll(w, ".", ""))
	case strings.Contains(w, "/"):
		w = strings.ToLower(w)
	}
	return uncommon[w]
}

// uncommon are abbreviations of radiology reports in Japanese and English use with what
// is written instead; several meanings where wards read them differently. What every
// ward writes (CT, MRI, DWI, CTA, COPD, DVT …), names of vessels and of sequences are
// not among them.
var uncommon = map[string][]meaning{
	// Of texts.
	"NAD": {{"異常なし", "no abnormality detected"}}, "NP": {{"異常なし", "nothing particular"}}, "np": {{"異常なし", "nothing particular"}},
	"WNL": {{"正常範囲", "within normal limits"}}, "s/o": {{"疑い", "suspicion of"}}, "susp": {{"疑い", "suspicion of"}}, "r/o": {{"除外", "rule out"}},
	"f/u": {{"経過観察", "follow-up"}}, "d/d": {{"鑑別", "differential diagnosis"}}, "DDx": {{"鑑別", "differential diagnosis"}},
	"c/w": {{"に合致", "consistent with"}}, "h/o": {{"の既往", "history of"}}, "s/p": {{"術後", "status post"}}, "Fx": {{"骨折", "fracture"}}, "fx": {{"骨折", "fracture"}},
	"meta": {{"転移", "metastasis"}}, "mets": {{"転移", "metastases"}}, "SOL": {{"占拠性病変", "space-occupying lesion"}},
	"LN": {{"リンパ節", "lymph node"}}, "LNs": {{"リンパ節", "lymph nodes"}}, "LAP": {{"リンパ節腫大", "lymphadenopathy"}}, "UBO": {{"非特異的な高信号", "non-specific high signal"}},
	"OP": {{"手術", "operation"}, {"器質化肺炎", "organizing pneumonia"}}, "PD": {{"膵管", "pancreatic duct"}, {"進行", "progressive disease"}, {"パーキンソン病", "Parkinson's disease"}},

	// Of the head.
	"ICH": {{"脳内出血", "intracerebral haemorrhage"}}, "IVH": {{"脳室内出血", "intraventricular haemorrhage"}}, "SAH": {{"くも膜下出血", "subarachnoid haemorrhage"}},
	"SDH": {{"硬膜下血腫", "subdural haematoma"}}, "ASDH": {{"急性硬膜下血腫", "acute subdural haematoma"}}, "CSDH": {{"慢性硬膜下血腫", "chronic subdural haematoma"}},
	"EDH": {{"硬膜外血腫", "epidural haematoma"}}, "AEDH": {{"急性硬膜外血腫", "acute epidural haematoma"}}, "DAI": {{"びまん性軸索損傷", "diffuse axonal injury"}},
	"LVO": {{"主幹動脈閉塞", "large vessel occlusion"}}, "BAD": {{"分枝粥腫型梗塞", "branch atheromatous disease"}}, "HCP": {{"水頭症", "hydrocephalus"}},
	"DSWMH": {{"深部皮質下白質高信号", "deep and subcortical white matter hyperintensity"}}, "WMH": {{"白質高信号", "white matter hyperintensity"}},
	"PRES": {{"可逆性後頭葉白質脳症", "posterior reversible encephalopathy syndrome"}}, "RCVS": {{"可逆性脳血管攣縮症候群", "reversible cerebral vasoconstriction syndrome"}},
	"PML": {{"進行性多巣性白質脳症", "progressive multifocal leukoencephalopathy"}}, "AVM": {{"動静脈奇形", "arteriovenous malformation"}},
	"AVF": {{"動静脈瘻", "arteriovenous fistula"}}, "dAVF": {{"硬膜動静脈瘻", "dural arteriovenous fistula"}}, "CVT": {{"脳静脈血栓症", "cerebral venous thrombosis"}},
	"PVH": {{"脳室周囲高信号", "periventricular hyperintensity"}, {"肺静脈圧亢進", "pulmonary venous hypertension"}},
	"NPH": {{"正常圧水頭症", "normal pressure hydrocephalus"}, {"髄核ヘルニア", "nucleus pulposus herniation"}},
	"MS":  {{"多発性硬化症", "multiple sclerosis"}, {"僧帽弁狭窄症", "mitral stenosis"}}, "HT": {{"出血性変化", "haemorrhagic transformation"}, {"高血圧", "hypertension"}},
	"CP":  {{"小脳橋角部", "cerebellopontine"}, {"慢性膵炎", "chronic pancreatitis"}, {"脳性麻痺", "cerebral palsy"}},
	"CPA": {{"小脳橋角部", "cerebellopontine angle"}, {"心肺停止", "cardiopulmonary arrest"}, {"慢性肺アスペルギルス症", "chronic pulmonary aspergillosis"}},
	"CVA": {{"脳血管障害", "cerebrovascular accident"}, {"肋骨脊柱角", "costovertebral angle"}}, "GB": {{"胆嚢", "gallbladder"}, {"膠芽腫", "glioblastoma"}},
	"AIS": {{"急性虚血性脳卒中", "acute ischaemic stroke"}, {"上皮内腺癌", "adenocarcinoma in situ"}},

	// Of the chest.
	"GGO": {{"すりガラス影", "ground-glass opacity"}}, "GGN": {{"すりガラス結節", "ground-glass nodule"}}, "PSN": {{"部分充実型結節", "part-solid nodule"}},
	"PTX": {{"気胸", "pneumothorax"}}, "RUL": {{"右上葉", "right upper lobe"}}, "RML": {{"右中葉", "right middle lobe"}}, "RLL": {{"右下葉", "right lower lobe"}},
	"LUL": {{"左上葉", "left upper lobe"}}, "LLL": {{"左下葉", "left lower lobe"}}, "ILD": {{"間質性肺疾患", "interstitial lung disease"}}, "UIP": {{"通常型間質性肺炎", "usual interstitial pneumonia"}},
	"NSIP": {{"非特異性間質性肺炎", "non-specific interstitial pneumonia"}}, "IPF": {{"特発性肺線維症", "idiopathic pulmonary fibrosis"}}, "COP": {{"特発性器質化肺炎", "cryptogenic organizing pneumonia"}},
	"DAD": {{"びまん性肺胞傷害", "diffuse alveolar damage"}}, "PPFE": {{"胸膜肺実質線維弾性症", "pleuroparenchymal fibroelastosis"}}, "CPFE": {{"気腫合併肺線維症", "combined pulmonary fibrosis and emphysema"}},
	"DPB": {{"びまん性汎細気管支炎", "diffuse panbronchiolitis"}}, "PAP": {{"肺胞蛋白症", "pulmonary alveolar proteinosis"}}, "LAM": {{"リンパ脈管筋腫症", "lymphangioleiomyomatosis"}},
	"NTM": {{"非結核性抗酸菌症", "non-tuberculous mycobacteriosis"}}, "MAC": {{"非結核性抗酸菌症", "Mycobacterium avium complex"}}, "PCP": {{"ニューモシスチス肺炎", "Pneumocystis pneumonia"}},
	"AAH": {{"異型腺腫様過形成", "atypical adenomatous hyperplasia"}}, "BHL": {{"両側肺門リンパ節腫大", "bilateral hilar lymphadenopathy"}}, "TBLB": {{"経気管支肺生検", "transbronchial lung biopsy"}},
	"PTE": {{"肺血栓塞栓症", "pulmonary thromboembolism"}}, "CTEPH": {{"慢性血栓塞栓性肺高血圧症", "chronic thromboembolic pulmonary hypertension"}}, "PVO": {{"静脈閉塞", "venous occlusion"}},
	"TAA": {{"胸部大動脈瘤", "thoracic aortic aneurysm"}}, "IMH": {{"壁内血腫", "intramural haematoma"}}, "PAU": {{"穿通性動脈硬化性潰瘍", "penetrating atherosclerotic ulcer"}}, "ULP": {{"潰瘍様突出像", "ulcer-like projection"}},
	"PE": {{"肺塞栓症", "pulmonary embolism"}, {"胸水", "pleural effusion"}, {"心嚢液", "pericardial effusion"}}, "HP": {{"過敏性肺炎", "hypersensitivity pneumonitis"}, {"ピロリ菌", "Helicobacter pylori"}},
	"AIP": {{"急性間質性肺炎", "acute interstitial pneumonia"}, {"自己免疫性膵炎", "autoimmune pancreatitis"}}, "SCC": {{"扁平上皮癌", "squamous cell carcinoma"}, {"小細胞癌", "small cell carcinoma"}},
	"LAD": {{"左前下行枝", "left anterior descending artery"}, {"リンパ節腫大", "lymphadenopathy"}}, "RA": {{"関節リウマチ", "rheumatoid arthritis"}, {"右房", "right atrium"}},
	"AS": {{"大動脈弁狭窄症", "aortic stenosis"}, {"強直性脊椎炎", "ankylosing spondylitis"}}, "ACS": {{"急性冠症候群", "acute coronary syndrome"}, {"腹部コンパートメント症候群", "abdominal compartment syndrome"}},
	"PV": {{"門脈", "portal vein"}, {"肺静脈", "pulmonary vein"}}, "LC": {{"肝硬変", "liver cirrhosis"}, {"肺癌", "lung cancer"}, {"腹腔鏡下胆嚢摘出術", "laparoscopic cholecystectomy"}},
	"SPN": {{"孤立性肺結節", "solitary pulmonary nodule"}, {"充実性偽乳頭状腫瘍", "solid pseudopapillary neoplasm"}}, "PM": {{"ペースメーカー", "pacemaker"}, {"多発筋炎", "polymyositis"}},

	// Of the abdomen.
	"SBO": {{"小腸閉塞", "small bowel obstruction"}}, "LBO": {{"大腸閉塞", "large bowel obstruction"}}, "NOMI": {{"非閉塞性腸管虚血", "non-occlusive mesenteric ischaemia"}},
	"HCC": {{"肝細胞癌", "hepatocellular carcinoma"}}, "ICC": {{"肝内胆管癌", "intrahepatic cholangiocarcinoma"}}, "FNH": {{"限局性結節性過形成", "focal nodular hyperplasia"}},
	"IPMN": {{"膵管内乳頭粘液性腫瘍", "intraductal papillary mucinous neoplasm"}}, "MCN": {{"粘液性嚢胞腫瘍", "mucinous cystic neoplasm"}}, "SCN": {{"漿液性嚢胞腫瘍", "serous cystic neoplasm"}},
	"PNET": {{"膵神経内分泌腫瘍", "pancreatic neuroendocrine tumour"}}, "GIST": {{"消化管間質腫瘍", "gastrointestinal stromal tumour"}}, "RCC": {{"腎細胞癌", "renal cell carcinoma"}},
	"PVTT": {{"門脈腫瘍栓", "portal vein tumour thrombus"}}, "PVT": {{"門脈血栓", "portal vein thrombosis"}}, "PSC": {{"原発性硬化性胆管炎", "primary sclerosing cholangitis"}},
	"IHBD": {{"肝内胆管", "intrahepatic bile duct"}}, "BPH": {{"前立腺肥大症", "benign prostatic hyperplasia"}}, "UPJO": {{"腎盂尿管移行部狭窄", "ureteropelvic junction obstruction"}},
	"VUR": {{"膀胱尿管逆流", "vesicoureteral reflux"}}, "ADPKD": {{"常染色体顕性多発性嚢胞腎", "autosomal dominant polycystic kidney disease"}},
	"CBD": {{"総胆管", "common bile duct"}, {"大脳皮質基底核変性症", "corticobasal degeneration"}}, "CHD": {{"総肝管", "common hepatic duct"}, {"先天性心疾患", "congenital heart disease"}},
	"MPD": {{"主膵管", "main pancreatic duct"}, {"骨髄増殖性疾患", "myeloproliferative disease"}}, "AML": {{"血管筋脂肪腫", "angiomyolipoma"}, {"急性骨髄性白血病", "acute myeloid leukaemia"}},
	"CCC": {{"胆管細胞癌", "cholangiocellular carcinoma"}, {"明細胞癌", "clear cell carcinoma"}}, "APS": {{"動脈門脈短絡", "arterioportal shunt"}, {"抗リン脂質抗体症候群", "antiphospholipid syndrome"}},
	"UC": {{"潰瘍性大腸炎", "ulcerative colitis"}, {"尿路上皮癌", "urothelial carcinoma"}}, "DIC": {{"播種性血管内凝固", "disseminated intravascular coagulation"}, {"点滴静注胆道造影", "drip infusion cholangiography"}},
	"HV": {{"肝静脈", "hepatic vein"}, {"外反母趾", "hallux valgus"}}, "IMA": {{"下腸間膜動脈", "inferior mesenteric artery"}, {"内胸動脈", "internal mammary artery"}},

	// Of bones and joints.
	"LSP": {{"腰椎", "lumbar spine"}}, "OPLL": {{"後縦靱帯骨化症", "ossification of the posterior longitudinal ligament"}}, "OLF": {{"黄色靱帯骨化症", "ossification of the ligamentum flavum"}}, "OYL": {{"黄色靱帯骨化症", "ossification of the yellow ligament"}},
	"LCS": {{"腰部脊柱管狭窄症", "lumbar canal stenosis"}}, "LSCS": {{"腰部脊柱管狭窄症", "lumbar spinal canal stenosis"}}, "CSM": {{"頸椎症性脊髄症", "cervical spondylotic myelopathy"}},
	"DISH": {{"びまん性特発性骨増殖症", "diffuse idiopathic skeletal hyperostosis"}}, "AVN": {{"無腐性骨壊死", "avascular necrosis"}}, "OA": {{"変形性関節症", "osteoarthritis"}},
	"ACL": {{"前十字靱帯", "anterior cruciate ligament"}}, "PCL": {{"後十字靱帯", "posterior cruciate ligament"}}, "MCL": {{"内側側副靱帯", "medial collateral ligament"}}, "LCL": {{"外側側副靱帯", "lateral collateral ligament"}},
	"TFCC": {{"三角線維軟骨複合体", "triangular fibrocartilage complex"}}, "LDH": {{"腰椎椎間板ヘルニア", "lumbar disc herniation"}, {"乳酸脱水素酵素", "lactate dehydrogenase"}},
	"MM": {{"内側半月板", "medial meniscus"}, {"多発性骨髄腫", "multiple myeloma"}, {"悪性黒色腫", "malignant melanoma"}}, "LM": {{"外側半月板", "lateral meniscus"}, {"髄膜播種", "leptomeningeal metastasis"}},
}
