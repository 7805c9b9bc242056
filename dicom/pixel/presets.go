package pixel

import (
	"slices"
	"strings"
)

// Preset is a window a reader reaches with one key. ID is stable and is what
// the page translates.
type Preset struct {
	ID     string
	Window Window
}

// ctPresets are the usual windows of CT in Hounsfield units, head to trunk.
func ctPresets() []Preset {
	return []Preset{
		{"brain", Window{Center: 40, Width: 80}},
		{"stroke", Window{Center: 35, Width: 40}},
		{"subdural", Window{Center: 75, Width: 215}},
		{"bone", Window{Center: 480, Width: 2500}},
		{"temporal", Window{Center: 700, Width: 4000}},
		{"neck", Window{Center: 60, Width: 300}},
		{"lung", Window{Center: -600, Width: 1500}},
		{"mediastinum", Window{Center: 40, Width: 400}},
		{"abdomen", Window{Center: 40, Width: 350}},
		{"liver", Window{Center: 70, Width: 160}},
		{"angiography", Window{Center: 250, Width: 700}},
		{"spine", Window{Center: 50, Width: 300}},
	}
}

// Presets are the windows offered for a modality (0008,0060), those of the
// body part (0018,0015) first. Only CT has a fixed scale; nil for others.
func Presets(modality, bodyPart string) []Preset {
	if modality != "CT" {
		return nil
	}
	all := ctPresets()
	first := presetOrder(bodyPart)
	out := make([]Preset, 0, len(all))
	taken := make(map[string]bool, len(first))
	for _, id := range first {
		for _, p := range all {
			if p.ID == id {
				out = append(out, p)
				taken[id] = true
			}
		}
	}
	for _, p := range all {
		if !taken[p.ID] {
			out = append(out, p)
		}
	}
	return out
}

// presetOrder knows the words of Body Part Examined (PS3.16 Annex L) and what
// consoles write instead of them.
func presetOrder(bodyPart string) []string {
	part := strings.ToUpper(bodyPart)
	tokens := strings.FieldsFunc(part, func(r rune) bool { return r < 'A' || r > 'Z' })
	is := func(words ...string) bool { // whole words: EAR is in HEART, IAC in CARDIAC
		for _, t := range tokens {
			if slices.Contains(words, t) {
				return true
			}
		}
		return false
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(part, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("HEAD", "BRAIN", "SKULL"):
		return []string{"brain", "stroke", "subdural", "bone"}
	case is("EAR", "EARS", "IAC", "IACS"), has("INNEREAR", "MIDDLEEAR", "AUDITORY", "SINUS", "ORBIT", "FACE", "MAXILLA", "JAW"):
		return []string{"bone", "temporal", "neck", "brain"}
	case has("NECK", "THYROID", "CAROTID"):
		return []string{"neck", "angiography", "bone", "lung"}
	case has("CHEST", "THORAX", "LUNG", "RIB"):
		return []string{"lung", "mediastinum", "bone", "angiography"}
	case has("SPINE"):
		return []string{"spine", "bone", "abdomen"}
	case has("ABDOMEN", "PELVIS", "LIVER", "KIDNEY", "PANCREAS", "COLON"):
		return []string{"abdomen", "liver", "bone", "lung"}
	case has("HEART", "CARDIAC", "AORTA", "CORONARY"):
		return []string{"angiography", "mediastinum", "lung", "bone"}
	case has("EXTREMITY", "HIP", "KNEE", "FOOT", "HAND", "SHOULDER", "ANKLE", "WRIST", "ELBOW", "ARM", "LEG"):
		return []string{"bone", "abdomen", "angiography"}
	}
	return []string{"abdomen", "lung", "bone", "brain"}
}
