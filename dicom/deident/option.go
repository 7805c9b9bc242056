package deident

import "slices"

// Option is an option of the Basic Profile (PS3.15 E.3), by the name of its column in
// Table E.1-1.
type Option string

// The options.
const (
	CleanPixelData            Option = "pixels" // E.3.1: masks over burned-in text
	CleanVisualFeatures       Option = "visual" // E.3.2: stated only
	CleanGraphics             Option = "graph"  // E.3.3: overlays and annotations stay, their text cleaned
	CleanStructuredContent    Option = "struct" // E.3.4
	CleanDescriptors          Option = "desc"   // E.3.5
	RetainFullDates           Option = "full"   // E.3.6.1
	RetainModifiedDates       Option = "modif"  // E.3.6.2: shifted by whole days, alike for all of a patient
	RetainPatientChars        Option = "chars"  // E.3.7: sex, age, size, weight
	RetainDeviceIdentity      Option = "dev"    // E.3.8
	RetainUIDs                Option = "uids"   // E.3.9
	RetainSafePrivate         Option = "priv"   // E.3.10
	RetainInstitutionIdentity Option = "inst"   // E.3.11
	basicProfile              Option = "basic"  // not an option, but has a code
	methodText                       = "Dokuei: PS3.15 Annex E"
)

// Options are all options in the order of PS3.15 E.3.
func Options() []Option {
	return []Option{
		CleanPixelData, CleanVisualFeatures, CleanGraphics, CleanStructuredContent, CleanDescriptors, RetainFullDates, RetainModifiedDates,
		RetainPatientChars, RetainDeviceIdentity, RetainUIDs, RetainSafePrivate, RetainInstitutionIdentity,
	}
}

// Valid reports whether o is one of Options.
func (o Option) Valid() bool { return slices.Contains(Options(), o) }

// methods are the codes of PS3.16 CID 7050.
var methods = map[Option]struct{ value, meaning string }{
	basicProfile:              {"113100", "Basic Application Confidentiality Profile"},
	CleanPixelData:            {"113101", "Clean Pixel Data Option"},
	CleanVisualFeatures:       {"113102", "Clean Recognizable Visual Features Option"},
	CleanGraphics:             {"113103", "Clean Graphics Option"},
	CleanStructuredContent:    {"113104", "Clean Structured Content Option"},
	CleanDescriptors:          {"113105", "Clean Descriptors Option"},
	RetainFullDates:           {"113106", "Retain Longitudinal Temporal Information Full Dates Option"},
	RetainModifiedDates:       {"113107", "Retain Longitudinal Temporal Information Modified Dates Option"},
	RetainPatientChars:        {"113108", "Retain Patient Characteristics Option"},
	RetainDeviceIdentity:      {"113109", "Retain Device Identity Option"},
	RetainUIDs:                {"113110", "Retain UIDs Option"},
	RetainSafePrivate:         {"113111", "Retain Safe Private Option"},
	RetainInstitutionIdentity: {"113112", "Retain Institution Identity Option"},
}
