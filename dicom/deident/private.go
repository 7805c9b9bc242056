package deident

import (
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// safe are private attributes that tell nothing of a patient, those of PS3.15 Table
// E.3.10-1 that CT, MR and PET need: by creator, group and the low byte of the element.
var safe = map[string]map[uint32]bool{
	"Philips PET Private Group": block(0x705300, 0x705309),                                         // SUV Factor, Activity Concentration Factor
	"Philips Imaging DD 001":    block(0x200103, 0x200104),                                         // Diffusion B-Factor, Diffusion Direction
	"Philips MR Imaging DD 001": block(0x20050D, 0x20050E),                                         // Scale Intercept, Scale Slope
	"GEMS_ACQU_01":              block(0x001923, 0x001924, 0x001927, 0x00199E),                     // Table Speed, Mid Scan Time, Rotation Speed, Internal Pulse Sequence Name
	"GEMS_PARM_01":              block(0x004327, 0x004339, 0x00436F),                               // Scan Pitch Ratio, b-value, Scanner Table Entry
	"GEMS_HELIOS_01":            block(0x004501, 0x004502),                                         // Number of Macro Rows, Macro width
	"GEMS_SERS_01":              block(0x002507),                                                   // Images in Series
	"SIEMENS MR HEADER":         block(0x00190C, 0x00190D, 0x00190E, 0x001927),                     // B Value, Diffusion Directionality, Gradient Direction, B Matrix
	"ELSCINT1":                  block(0x00E121, 0x01E126, 0x01F101, 0x01F107, 0x01F126, 0x01F127), // DLP, Phantom Type, Acquisition Type, Table Velocity, Pitch, Rotation Time
}

func block(elements ...uint32) map[uint32]bool {
	m := map[uint32]bool{}
	for _, e := range elements {
		m[e] = true
	}
	return m
}

// privates removes the private attributes of d that are not known to be safe.
func (p *Profile) privates(d *dataset.Dataset) {
	var creators []tag.Tag // in use
	for _, t := range d.Tags() {
		if !t.Private() || t.PrivateCreator() {
			continue
		}
		creator := tag.New(t.Group(), t.Element()>>8)
		known := safe[d.String(creator)]
		if p.has(RetainSafePrivate) && known[uint32(t.Group())<<8|uint32(t.Element()&0xFF)] && d.Items(t) == nil {
			creators = append(creators, creator)
			continue
		}
		d.Delete(t)
	}
	for _, t := range d.Tags() {
		if t.Private() && t.Element() <= 0xFF && !slices.Contains(creators, t) {
			d.Delete(t)
		}
	}
}
