package deident

import (
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// safe are private attributes that tell nothing of a patient, of PS3.15 Table E.3.10-1:
// by creator, group and the low byte of the element.
var safe = map[string]map[uint32]bool{
	"Philips PET Private Group": block(0x7053, 0x00, 0x09),
	"Philips Imaging DD 001":    block(0x2001, 0x03, 0x04),
	"Philips MR Imaging DD 001": block(0x2005, 0x0D, 0x0E),
	"GEMS_ACQU_01":              block(0x0019, 0x23, 0x24, 0x27),
	"GEMS_PARM_01":              block(0x0043, 0x27, 0x6F),
	"GEMS_HELIOS_01":            block(0x0045, 0x01, 0x02),
	"GEMS_SERS_01":              block(0x0025, 0x07),
	"SIEMENS MR HEADER":         block(0x0019, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x27),
	"ELSCINT1":                  block(0x00E1, 0x21),
}

func block(group uint16, elements ...uint32) map[uint32]bool {
	m := map[uint32]bool{}
	for _, e := range elements {
		m[uint32(group)<<8|e] = true
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
