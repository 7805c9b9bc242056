package deident

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// minKey is the least length of a key, in bytes.
const minKey = 16

// Config says what is taken out of an object and what may stay.
type Config struct {
	Options []Option
	// Key makes UIDs, pseudonyms and dates: at least 16 secret bytes, one for all
	// objects that are to fit together.
	Key []byte
	// Masks are the burned-in areas of the devices that have them.
	Masks []MaskRule
	// Subject names the patient; nil takes Profile.Subject.
	Subject func(patientID, issuer string) Subject
	// BurnedIn lets pass what says that it has burned-in text (0028,0301) and has no
	// mask: somebody else sees to its pixels.
	BurnedIn bool
}

// Profile is the Basic Profile with options. New makes one.
type Profile struct {
	config  Config
	options map[Option]bool
}

// New checks a Config.
func New(c Config) (*Profile, error) {
	p := &Profile{config: c, options: map[Option]bool{}}
	if len(c.Key) < minKey {
		return nil, fmt.Errorf("deident: a key has at least %d bytes, this has %d", minKey, len(c.Key))
	}
	for _, o := range c.Options {
		if !o.Valid() {
			return nil, fmt.Errorf("deident: no option %q", o)
		}
		p.options[o] = true
	}
	if p.has(RetainFullDates) && p.has(RetainModifiedDates) {
		return nil, errors.New("deident: dates are retained as they are or modified, not both (PS3.15 E.3.6)")
	}
	if len(c.Masks) > 0 {
		p.options[CleanPixelData] = true
	}
	for _, m := range c.Masks {
		if err := m.Valid(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Profile) has(o Option) bool { return p.options[o] }

// patient is what must be known of an object before it is changed.
type patient struct {
	subject Subject
	days    int // dates move
	words   Words
}

// Dataset de-identifies a header, or an object without pixel data. Group 0002 is the
// caller's.
func (p *Profile) Dataset(d *dataset.Dataset) {
	id, issuer := d.String(tag.PatientID), d.String(tag.IssuerOfPatientID)
	who := patient{days: p.shift(id, issuer)}
	if p.config.Subject != nil {
		who.subject = p.config.Subject(id, issuer)
	} else {
		who.subject = p.Subject(id, issuer)
	}
	gather(&who.words, d)
	inside := keep
	if p.has(CleanDescriptors) {
		inside = clean
	}
	p.apply(d, &who, inside)
	d.SetString(tag.PatientName, "PN", who.subject.Name)
	d.SetString(tag.PatientID, "LO", who.subject.ID)
	p.state(d)
}

// identifying are attributes whose values name the patient wherever they are written,
// beside those of VR PN.
var identifying = []tag.Tag{
	tag.PatientID, tag.New(0x0010, 0x1000), tag.AccessionNumber, tag.PatientAddress, tag.PatientTelephoneNumbers, tag.AdmissionID, tag.New(0x0010, 0x1090),
	tag.New(0x0010, 0x1050),
}

// gather collects what names somebody in a data set, sequences included.
func gather(w *Words, d *dataset.Dataset) {
	for _, t := range d.Tags() {
		vr, _ := d.VR(t)
		switch {
		case vr == stream.SQ:
			for _, it := range d.Items(t) {
				gather(w, it)
			}
		case vr == stream.PN:
			for _, name := range d.Strings(t) {
				w.AddName(name)
			}
		case t == tag.PatientBirthDate:
			w.AddDate(d.String(t))
		case slices.Contains(identifying, t):
			for _, id := range d.Strings(t) {
				w.AddID(id)
			}
		}
	}
}

// apply does to each attribute what the table says, and to texts that it does not
// list what is done around them: those of a sequence that becomes a dummy do so too.
func (p *Profile) apply(d *dataset.Dataset, who *patient, around action) {
	p.privates(d)
	for _, t := range d.Tags() {
		vr, _ := d.VR(t)
		a, listed := p.action(t, vr)
		if !listed && a == keep && free(vr) {
			a = around
		}
		switch {
		case a == remove:
			d.Delete(t)
		case vr == stream.SQ && a == empty:
			d.SetItems(t)
		case a == empty:
			d.SetBytes(t, vr.String(), nil)
		case vr == stream.SQ:
			inside := around
			if a == clean || a == dummy {
				inside = a
			}
			for _, it := range d.Items(t) {
				p.apply(it, who, inside)
			}
		case a == dummy:
			p.dummy(d, t, vr, who)
		case a == clean:
			p.clean(d, t, vr, who)
		case a == replaceUIDs:
			p.uids(d, t, vr)
		}
	}
}

// action is what the options chosen make of an attribute. Of two options one of which
// would clean and the other keep it, it is cleaned.
func (p *Profile) action(t tag.Tag, vr stream.VR) (a action, listed bool) {
	if t.Private() {
		return keep, true // privates has been here
	}
	r, listed := table().lookup(t)
	if !listed {
		_, known := tag.Lookup(t)
		switch {
		case vr == stream.PN:
			return dummy, false
		case !known:
			return remove, false
		}
		return keep, false
	}
	a = r.basic
	for _, o := range Options() {
		if with, says := r.options[o]; says && p.has(o) && a != clean {
			a = with
		}
	}
	return a, true
}

// free reports whether a VR holds what people type.
func free(vr stream.VR) bool {
	switch vr {
	case stream.LO, stream.LT, stream.PN, stream.SH, stream.ST, stream.UC, stream.UR, stream.UT:
		return true
	}
	return false
}

func (p *Profile) uids(d *dataset.Dataset, t tag.Tag, vr stream.VR) {
	if vr != stream.UI {
		d.Delete(t)
		return
	}
	values := d.Strings(t)
	for i, u := range values {
		values[i] = p.UID(u)
	}
	d.SetString(t, "UI", values...)
}

// clean keeps what tells nothing of a person.
func (p *Profile) clean(d *dataset.Dataset, t tag.Tag, vr stream.VR, who *patient) {
	switch {
	case vr == stream.TM && p.has(RetainModifiedDates):
		// A time without its date tells nothing, and whole days are moved.
	case vr == stream.DA && p.has(RetainModifiedDates), vr == stream.DT && p.has(RetainModifiedDates):
		values := d.Strings(t)
		for i, v := range values {
			values[i] = shifted(v, who.days)
		}
		d.SetString(t, vr.String(), values...)
	case free(vr) && vr != stream.PN, vr == stream.AE:
		values := d.Strings(t)
		changed := false
		for i, v := range values {
			values[i] = who.words.Clean(v)
			changed = changed || values[i] != v
		}
		if changed {
			d.SetString(t, vr.String(), values...)
		}
	case vr == stream.CS:
		for _, v := range d.Strings(t) { // a code of the standard, or somebody's name
			if who.words.Clean(v) != v {
				p.dummy(d, t, vr, who)
				return
			}
		}
	case (vr == stream.OW || vr == stream.OB) && drawn(t):
		// The bits of an overlay, which masks see to, or the points of a curve.
	default:
		p.dummy(d, t, vr, who)
	}
}

// drawn reports whether a tag is of a repeating group of overlays or curves (PS3.5 7.6).
func drawn(t tag.Tag) bool { return t.Group()&0xFF00 == 0x6000 || t.Group()&0xFF00 == 0x5000 }

// dummy puts a value that its VR allows and that says nothing.
func (p *Profile) dummy(d *dataset.Dataset, t tag.Tag, vr stream.VR, who *patient) {
	switch {
	case t == tag.PatientID || t == tag.ClinicalTrialSubjectID:
		d.SetString(t, "LO", who.subject.ID)
	case vr == stream.UI:
		p.uids(d, t, vr)
	case vr.Text():
		d.SetString(t, vr.String(), dummies[vr.String()])
	default:
		d.SetBytes(t, vr.String(), make([]byte, max(vr.Unit(), 2)))
	}
}

var dummies = map[string]string{
	"AE": "REMOVED", "AS": "000Y", "CS": "REMOVED", "DA": "19000101", "DS": "0", "DT": "19000101000000", "IS": "0", "LO": "REMOVED", "LT": "REMOVED",
	"PN": "REMOVED", "SH": "REMOVED", "ST": "REMOVED", "TM": "000000", "UC": "REMOVED", "UR": "urn:removed", "UT": "REMOVED",
}

// state writes what has been done (PS3.15 E.1.1, PS3.3 C.7.1.1 and C.12.1).
func (p *Profile) state(d *dataset.Dataset) {
	d.SetString(tag.PatientIdentityRemoved, "CS", "YES")
	d.SetString(tag.DeidentificationMethod, "LO", methodText)
	items := []*dataset.Dataset{methodItem(basicProfile)}
	for _, o := range Options() {
		if p.has(o) {
			items = append(items, methodItem(o))
		}
	}
	d.SetItems(tag.DeidentificationMethodCodeSequence, items...)
	temporal := "REMOVED"
	if p.has(RetainFullDates) {
		temporal = "UNMODIFIED"
	} else if p.has(RetainModifiedDates) {
		temporal = "MODIFIED"
	}
	d.SetString(tag.LongitudinalTemporalInformationModified, "CS", temporal)
}

func methodItem(o Option) *dataset.Dataset {
	code := dataset.New()
	code.SetString(tag.CodeValue, "SH", methods[o].value)
	code.SetString(tag.CodingSchemeDesignator, "SH", "DCM")
	code.SetString(tag.CodeMeaning, "LO", methods[o].meaning)
	return code
}

// BurnedIn reports whether a header says that the pixels name the patient (0028,0301).
func BurnedIn(d *dataset.Dataset) bool {
	return strings.EqualFold(d.String(tag.BurnedInAnnotation), "YES")
}
