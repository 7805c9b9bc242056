package sr

import "github.com/dokuei/dokuei/reports"

// More relationship types of PS3.3 Table C.17.3-8.
const (
	inferredFrom = "INFERRED FROM"
	selectedFrom = "SELECTED FROM"
)

// Concepts of TID 1500 and the templates it includes, PS3.16 Annex D.
var (
	measurementReport   = dcm("126000", "Imaging Measurement Report")
	imagingMeasurements = dcm("126010", "Imaging Measurements")
	measurementGroup    = dcm("125007", "Measurement Group")
	trackingIdentifier  = dcm("112039", "Tracking Identifier")
	trackingUID         = dcm("112040", "Tracking Unique Identifier")
	imageRegion         = dcm("111030", "Image Region")
	imageLibrary        = dcm("111028", "Image Library")
	imageLibraryGroup   = dcm("126200", "Image Library Group")
	procedureReported   = dcm("121058", "Procedure reported")
	derivationOf        = dcm("121401", "Derivation")
	comment             = dcm("121106", "Comment")
	attenuation         = dcm("112031", "Attenuation Coefficient")
	mrSignal            = dcm("110852", "MR signal intensity")
	imagingProcedure    = sct("363679005", "Imaging procedure")
)

// quantities are the concepts of values that name themselves.
var quantities = map[string]reports.Concept{
	"length": sct("410668003", "Length"),
	"long":   sct("103339001", "Long Axis"),
	"short":  sct("103340004", "Short Axis"),
	"angle":  sct("1483009", "Angle"),
	"area":   sct("42798000", "Area"),
}

// derivations are how a value was made of the pixels, CID 7464.
var derivations = map[string]reports.Concept{
	"mean":  sct("373098007", "Mean"),
	"sd":    sct("386136009", "Standard Deviation"),
	"min":   sct("255605001", "Minimum"),
	"max":   sct("56851009", "Maximum"),
	"value": {},
}

const hounsfield = "[hnsf'U]"

// units are UCUM codes of PS3.16 CID 82 and CID 84.
var units = map[string]reports.Concept{
	"mm":        ucum("mm", "mm"),
	"mm2":       ucum("mm2", "mm2"),
	"deg":       ucum("deg", "deg"),
	"{pixels}":  ucum("{pixels}", "pixels"),
	"{pixels}2": ucum("{pixels}2", "square pixels"),
	hounsfield:  ucum(hounsfield, "Hounsfield unit"),
	"1":         ucum("1", "no units"),
}

func sct(value, meaning string) reports.Concept {
	return reports.Concept{Value: value, Scheme: "SCT", Meaning: meaning}
}

func ucum(value, meaning string) reports.Concept {
	return reports.Concept{Value: value, Scheme: "UCUM", Meaning: meaning}
}
