package identity

import (
	"slices"
	"time"
)

// Consent is what a patient has said last about other hospitals seeing what a
// hospital has of them. The zero Consent is none.
type Consent struct {
	Given           bool
	Everywhere      bool     // to every hospital of the network
	Facilities      []string // else to these
	Images, Reports bool
	Research        bool      // reports may be given out for research, without names
	Until           time.Time // zero: until it is withdrawn
}

// Covers reports whether a consent lets a facility do a, at a time.
func (c Consent) Covers(facility string, a Action, at time.Time) bool {
	if !c.Given || !c.Until.IsZero() && !at.Before(c.Until) || !c.Everywhere && !slices.Contains(c.Facilities, facility) {
		return false
	}
	switch a {
	case ViewStudy:
		return c.Images || c.Reports
	case ViewImages, ExportStudy:
		return c.Images
	case ViewReport:
		return c.Reports
	}
	return false
}

// Current is a study that is being read, whose patient may be the one of another
// hospital's study: the reason to look at that one.
type Current struct {
	FacilityID    string   // it is read for
	SeesOthers    bool     // as agreed with that facility
	Users, Panels []string // it was granted to
	Open          bool     // still to be read
	Linked        bool     // the patients are one person: said by one, confirmed by another
}

// decidePrior is the part of a decision that lies with the patient: whether somebody
// who reads one of the current studies may look at a study of another facility.
func decidePrior(p Principal, a Action, r Resource) Decision {
	if !p.Role.Reads() {
		return deny("outside the scope")
	}
	for _, c := range r.Currents {
		switch {
		case !c.Open || !c.Linked || !c.SeesOthers || c.FacilityID == r.FacilityID:
		case !slices.Contains(c.Users, p.UserID) && !slices.ContainsFunc(c.Panels, func(id string) bool { return slices.Contains(p.PanelIDs, id) }):
		case r.Consent.Covers(c.FacilityID, a, r.At):
			return Decision{true, "a prior of a patient they read, with consent"}
		}
	}
	return deny("outside the scope")
}

// Sharing is what of other facilities' studies a condition lets in beside the scope.
type Sharing int

// The kinds of Sharing.
const (
	SharedStudies Sharing = iota // that a study exists
	SharedReports
	sharedSeries    // of a condition on the table series: images or reports
	sharedInstances // likewise, on instances
)

// reportModalities are those of series that are reports, not images.
const reportModalities = `('SR', 'DOC', 'KO')`

// sharedKind is the condition on a consent, named co.
var sharedKind = map[Sharing]string{
	SharedStudies: `(co.images = 1 OR co.reports = 1)`,
	SharedReports: `co.reports = 1`,
	sharedSeries:  `CASE WHEN series.modality IN ` + reportModalities + ` THEN co.reports ELSE co.images END = 1`,
	sharedInstances: `CASE WHEN (SELECT sm.modality FROM series sm WHERE sm.id = instances.series_id) IN ` + reportModalities +
		` THEN co.reports ELSE co.images END = 1`,
}

// WithPriors lets the conditions of SharedFilter, SeriesFilter and InstanceFilter in
// what decidePrior allows, as of now. StudyFilter does not change: lists of work,
// conversations and changes stay among the studies of the scope.
func (s Scope) WithPriors(now time.Time) Scope {
	s.priorsAt = now
	return s
}

// Comparing reports whether WithPriors was asked for and can let anything in.
func (s Scope) Comparing() bool {
	return !s.priorsAt.IsZero() && !s.All && s.FacilityID == "" && (s.UserID != "" || len(s.PanelIDs) > 0)
}

// SharedFilter is StudyFilter with the priors of WithPriors.
func (s Scope) SharedFilter(what Sharing, argStart int) (cond string, args []any) {
	own, args := s.StudyFilter(argStart)
	if !s.Comparing() {
		return own, args
	}
	next := numbered(argStart, &args)
	grants := s.grants(next)
	there := `1 = 1`
	if !s.Trash {
		there = `studies.trashed_at = 0`
	}
	return `(` + own + ` OR ` + there + ` AND EXISTS (
		SELECT 1 FROM linked_patients lp
		JOIN consents co ON co.patient_ref = lp.patient_ref AND co.kind = 'given'
			AND co.number = (SELECT MAX(nc.number) FROM consents nc WHERE nc.patient_ref = lp.patient_ref)
			AND (co.until = 0 OR co.until > ` + next(s.priorsAt.UnixMicro()) + `)
		JOIN studies cur ON cur.patient_ref = lp.other_ref AND cur.facility_id <> studies.facility_id AND cur.trashed_at = 0
			AND (co.everywhere = 1 OR EXISTS (SELECT 1 FROM consent_facilities cf WHERE cf.consent_id = co.id AND cf.facility_id = cur.facility_id))
		JOIN facilities cfa ON cfa.id = cur.facility_id AND cfa.sees_others = 1
		JOIN workitems cw ON cw.study_id = cur.id AND cw.state IN ('SCHEDULED', 'IN PROGRESS')
		JOIN study_grants g ON g.study_id = cur.id AND (` + grants + `)
		WHERE lp.patient_ref = studies.patient_ref AND ` + sharedKind[what] + `))`, args
}

// SeriesFilter is SharedFilter for queries on the tables studies and series: of a
// prior only what its consent is about.
func (s Scope) SeriesFilter(argStart int) (cond string, args []any) {
	return s.SharedFilter(sharedSeries, argStart)
}

// InstanceFilter is SeriesFilter for queries on studies and instances.
func (s Scope) InstanceFilter(argStart int) (cond string, args []any) {
	return s.SharedFilter(sharedInstances, argStart)
}
