package site

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// Limits of what a file may say.
const (
	maxName     = 200
	minQuiet    = time.Second
	maxQuiet    = 24 * time.Hour
	minWithin   = time.Minute
	maxWithin   = 90 * 24 * time.Hour
	minPassword = 8
	maxPassword = 256
	maxAge      = 200
)

// shortName is the grammar of IDs: part of object keys and of addresses.
var (
	shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	loginName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)
	csCode    = regexp.MustCompile(`^[A-Za-z0-9_ ]{1,16}$`) // CS, PS3.5 Table 6.2-1
)

const maxTarget = 10_000_000

// check finds what is wrong with the file by itself.
func (f File) check() Problems {
	var p Problems
	for _, x := range f.Facilities {
		x.check(&p)
	}
	for _, x := range f.Panels {
		if !shortName.MatchString(x.ID) {
			p.add(x.line("id"), "panel id %s: lower-case letters, digits, - and _, at most 32", quote(x.ID))
		}
		checkName(&p, x.place, "panel "+quote(x.ID), x.Name, x.NameEn)
		checkOnce(&p, x.line("readers"), "panel "+quote(x.ID)+": reader", x.Readers)
		checkOnce(&p, x.line("trainees"), "panel "+quote(x.ID)+": trainee", x.Trainees)
		for _, login := range x.Trainees {
			if !slices.Contains(x.Readers, login) {
				p.add(x.line("trainees"), "panel %s: trainee %s is not among its readers", quote(x.ID), quote(login))
			}
		}
		if len(x.Trainees) > 0 && len(x.Trainees) == len(x.Readers) {
			p.add(x.line("trainees"), "panel %s: every reader is a trainee; somebody has to verify", quote(x.ID))
		}
		if x.Readings < 0 || x.Readings > 2 {
			p.add(x.line("readings"), "panel %s: readings is 1 or 2", quote(x.ID))
		}
		if x.Readings == 2 && len(x.Readers)-len(x.Trainees) < 2 {
			p.add(x.line("readings"), "panel %s: two readings need two readers who are no trainees", quote(x.ID))
		}
	}
	for _, x := range f.Users {
		x.check(&p)
	}
	for _, x := range f.Rules {
		x.check(&p)
	}
	if f.Fallback != nil {
		f.Fallback.check(&p, "fallback")
	}
	for _, c := range f.Closures {
		if _, err := calendar.ParseClosure(c); err != nil {
			p.add(0, "closures: %v", err)
		}
	}
	for _, x := range f.Shifts {
		x.check(&p)
	}
	for _, x := range f.Codes {
		switch {
		case !slices.Contains(order.Parts, x.Part):
			p.add(x.line("part"), "code %s: part %s is none of %s", quote(x.Code), quote(string(x.Part)), strings.Trim(fmt.Sprint(order.Parts), "[]"))
		case !x.Part.Fits(x.Code):
			p.add(x.line("code"), "code %s: not what can stand for the %s of a JJ1017 code", quote(x.Code), x.Part)
		case x.Name == "":
			p.add(x.line("name"), "code %s %s: the name is missing", x.Part, quote(x.Code))
		}
	}
	for _, year := range slices.Sorted(maps.Keys(f.Targets)) {
		n := f.Targets[year]
		if _, err := time.Parse("2006", year); err != nil || n < 0 || n > maxTarget {
			p.add(0, "targets: %s: %d: a year and its reads, at most %d", quote(year), n, maxTarget)
		}
	}
	for _, what := range f.Replace {
		if !slices.Contains(replaceable, what) {
			p.add(0, "replace: %s is none of %s", quote(what), strings.Join(replaceable, ", "))
		}
	}
	f.checkDuplicates(&p)
	return p
}

func (f File) checkDuplicates(p *Problems) {
	titles, ids, panels, logins, rules, codes := once{}, once{}, once{}, once{}, once{}, once{}
	for _, x := range f.Codes {
		codes.see(p, x.line("code"), "code", x.key())
	}
	for _, x := range f.Facilities {
		ids.see(p, x.line("id"), "facility id", x.ID)
		for _, ae := range x.AETitles {
			titles.see(p, x.line("ae_titles"), "AE title", trimAE(ae))
		}
		names := once{}
		for _, d := range x.Destinations {
			names.see(p, d.line("name"), "facility "+quote(x.ID)+": destination", d.Name)
		}
	}
	for _, x := range f.Panels {
		panels.see(p, x.line("id"), "panel id", x.ID)
	}
	for _, x := range f.Users {
		logins.see(p, x.line("login"), "login", x.Login)
		for _, ae := range x.AETitles {
			ae, _, _ := station(ae)
			titles.see(p, x.line("ae_titles"), "AE title", ae)
		}
	}
	shifts := once{}
	for _, x := range f.Shifts {
		shifts.see(p, x.line("from"), "shift", x.normal().key())
	}
	for _, x := range f.Rules {
		rules.see(p, x.line("name"), "rule", x.Name)
	}
}

// once remembers on which line each value stood first.
type once map[string]int

func (o once) see(p *Problems, line int, what, v string) {
	if first, ok := o[v]; ok {
		p.add(line, "%s %s is given twice, first in line %d", what, quote(v), first)
		return
	}
	o[v] = line
}

func checkOnce(p *Problems, line int, what string, values []string) {
	seen := once{}
	for _, v := range values {
		seen.see(p, line, what, v)
	}
}

func (x Facility) check(p *Problems) {
	who := "facility " + quote(x.ID)
	if !shortName.MatchString(x.ID) || object.CheckKey(x.ID) != nil {
		p.add(x.line("id"), "facility id %s: lower-case letters, digits, - and _, at most 32, no device name", quote(x.ID))
	}
	checkName(p, x.place, who, x.Name, x.NameEn)
	for _, ae := range x.AETitles {
		if err := CheckAETitle(ae); err != nil {
			p.add(x.line("ae_titles"), "%s: %v", who, err)
		}
	}
	checkCertificates(p, x.place, who, x.Certificates)
	networks := once{}
	for _, a := range x.Addresses {
		n, err := worklist.ParseNetwork(a)
		if err != nil {
			p.add(x.line("addresses"), "%s: address %s is %v", who, quote(a), err)
			continue
		}
		networks.see(p, x.line("addresses"), who+": address", n.String())
	}
	if q := time.Duration(x.Quiet); q != 0 && (q < minQuiet || q > maxQuiet) {
		p.add(x.line("quiet"), "%s: quiet time %s is not between %s and %s", who, x.Quiet, Duration(minQuiet), Duration(maxQuiet))
	}
	for _, d := range x.Destinations {
		d.check(p, who)
	}
	x.Agreement.check(p, x.place, who)
	x.Retention.check(p, x.place, who)
}

func (x Destination) check(p *Problems, who string) {
	if !plain(x.Name) {
		p.add(x.line("name"), "%s: a destination needs a name of at most %d characters", who, maxName)
	}
	if isRoute(x.To) {
		x.checkRoute(p, who)
		return
	}
	if _, _, _, err := splitTo(x.To); err != nil {
		p.add(x.line("to"), "%s: destination %s: %v", who, quote(x.Name), err)
	}
	for _, o := range x.Objects {
		if !slices.Contains(stored, o) {
			p.add(x.line("objects"), "%s: destination %s: object %s is none of %s", who, quote(x.Name), quote(o), strings.Join(stored, ", "))
		}
	}
	if x.Notify != "" && x.Notify != worklist.NotifyIAN {
		p.add(x.line("notify"), "%s: destination %s: notify %s is not ian", who, quote(x.Name), quote(x.Notify))
	}
	if _, err := bcp195.ParseFingerprint(x.TLS); err != nil && x.TLS != "" && x.TLS != bcp195.ByAuthority {
		p.add(x.line("tls"), "%s: destination %s: tls %s is neither verify nor a SHA-256 fingerprint", who, quote(x.Name), quote(x.TLS))
	}
	if x.RetrieveOnly && len(x.Objects) > 0 {
		p.add(x.line("objects"), "%s: destination %s: retrieve_only and objects exclude each other", who, quote(x.Name))
	}
	if x.RetrieveOnly && x.Commit {
		p.add(x.line("commit"), "%s: destination %s: retrieve_only and commit exclude each other: nothing is delivered there", who, quote(x.Name))
	}
	checkOnce(p, x.line("objects"), who+": object", x.Objects)
}

// CheckAETitle checks the grammar of the value representation AE: 1 to 16
// characters of the default repertoire without backslash and control
// characters, not only spaces (PS3.5 Table 6.2-1).
func CheckAETitle(ae string) error {
	if strings.Trim(ae, " ") == "" {
		return errors.New("an AE title is empty")
	}
	if len(ae) > 16 {
		return fmt.Errorf("AE title %s is longer than 16 characters", quote(ae))
	}
	for _, r := range ae {
		if r < 0x20 || r > 0x7e || r == '\\' {
			return fmt.Errorf("AE title %s: only ASCII letters, digits and signs but the backslash", quote(ae))
		}
	}
	return nil
}

// trimAE takes away the spaces that do not count.
func trimAE(ae string) string { return strings.Trim(ae, " ") }

// ValidLogin reports whether a text can be a login.
func ValidLogin(s string) bool { return loginName.MatchString(s) }

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

// station takes the AE title of a reader's workstation apart: AE, or AE@host:port for
// one to which images may be moved.
func station(s string) (ae, address string, err error) {
	if !strings.Contains(s, "@") {
		return trimAE(s), "", nil
	}
	ae, host, port, err := splitTo(s)
	if err != nil {
		return trimAE(s), "", err
	}
	return ae, net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// splitTo takes AE@host:port apart.
func splitTo(to string) (ae, host string, port int, err error) {
	i := strings.LastIndexByte(to, '@')
	if i < 0 {
		return "", "", 0, fmt.Errorf("%s is not AE@host:port", quote(to))
	}
	ae = trimAE(to[:i])
	if err := CheckAETitle(ae); err != nil {
		return "", "", 0, err
	}
	host, p, err := net.SplitHostPort(to[i+1:])
	if err != nil {
		return "", "", 0, fmt.Errorf("%s is not AE@host:port", quote(to))
	}
	if net.ParseIP(host) == nil && !hostName.MatchString(host) {
		return "", "", 0, fmt.Errorf("%s is neither a host name nor an address", quote(host))
	}
	port, err = strconv.Atoi(p)
	if err != nil || port < 1 || port > 65535 {
		return "", "", 0, fmt.Errorf("port %s is not between 1 and 65535", quote(p))
	}
	return ae, host, port, nil
}

func (x User) check(p *Problems) {
	who := "user " + quote(x.Login)
	for _, ae := range x.AETitles {
		ae, _, err := station(ae)
		if err == nil {
			err = CheckAETitle(ae)
		}
		if err != nil {
			p.add(x.line("ae_titles"), "%s: %v", who, err)
		}
	}
	checkCertificates(p, x.place, who, x.Certificates)
	role, known := identity.ParseRole(x.Role)
	if role != identity.Reader && len(x.AETitles)+len(x.Certificates) > 0 {
		p.add(x.line("ae_titles"), "%s: only role reader has a workstation", who)
	}
	if !loginName.MatchString(x.Login) {
		p.add(x.line("login"), "login %s: lower-case letters, digits and . _ - @, at most 64", quote(x.Login))
	}
	checkName(p, x.place, who, x.Name, x.NameEn)
	switch {
	case !known || !role.Human():
		p.add(x.line("role"), "%s: role %s is none of %s", who, quote(x.Role), roleNames())
	case role.AtFacility() && x.Facility == "":
		p.add(x.line("role"), "%s: role %s needs a facility", who, x.Role)
	case !role.AtFacility() && x.Facility != "":
		p.add(x.line("facility"), "%s: role %s belongs to no facility", who, x.Role)
	}
	if x.License != "" && !plain(x.License) {
		p.add(x.line("license"), "%s: the license holds control characters or is too long", who)
	}
	x.Practice.check(p, x.place, who)
	if !role.Reads() && all(x.Practice.fields()) != "" {
		p.add(x.line("role"), "%s: only who reads has hours, modalities and the like", who)
	}
	if x.Email != "" && (!plain(x.Email) || strings.Count(x.Email, "@") != 1 || strings.ContainsAny(x.Email, " <>,;")) {
		p.add(x.line("email"), "%s: that is not an e-mail address", who)
	}
	if n := utf8.RuneCountInString(x.Password); x.Password != "" && (n < minPassword || n > maxPassword) {
		p.add(x.line("password"), "%s: a password has %d to %d characters", who, minPassword, maxPassword)
	}
}

// roleNames lists the roles of people for an error.
func roleNames() string {
	var names []string
	for _, r := range identity.Roles() {
		if r.Human() {
			names = append(names, string(r))
		}
	}
	return strings.Join(names, ", ")
}

func (x Rule) check(p *Problems) {
	who := "rule " + quote(x.Name)
	if !plain(x.Name) {
		p.add(x.line("name"), "a rule needs a name of at most %d characters", maxName)
	}
	if x.Name == rule.FallbackName {
		p.add(x.line("name"), "the name %q belongs to the fallback", rule.FallbackName)
	}
	for _, part := range []struct {
		key    string
		values []string
	}{{"modality", x.When.Modality}, {"body_part", x.When.BodyPart}, {"sex", x.When.Sex}} {
		for _, v := range part.values {
			if !csCode.MatchString(v) {
				p.add(x.line("when"), "%s: %s %s is not a code (letters, digits, space, _, at most 16)", who, part.key, quote(v))
			}
		}
	}
	for _, w := range x.When.Words {
		if strings.Trim(w, " *　") == "" || !plain(w) {
			p.add(x.line("when"), "%s: an empty word would match everything", who)
		}
	}
	for _, v := range x.When.Priority {
		if !v.Valid() {
			p.add(x.line("when"), "%s: priority %s is none of STAT, URGENT, ROUTINE", who, quote(string(v)))
		}
	}
	if a := x.When.Age; a != nil {
		for _, v := range []*int{a.Min, a.Max} {
			if v != nil && (*v < 0 || *v > maxAge) {
				p.add(x.line("when"), "%s: age %d is not between 0 and %d", who, *v, maxAge)
			}
		}
		if a.Min != nil && a.Max != nil && *a.Min > *a.Max {
			p.add(x.line("when"), "%s: age from %d to %d is nobody", who, *a.Min, *a.Max)
		}
	}
	if x.If != "" {
		if err := rule.CheckExpression(x.If); err != nil {
			p.add(x.line("if"), "%s: %v", who, err)
		}
	}
	for _, d := range []struct{ key, value string }{{"from", x.From}, {"until", x.Until}} {
		if _, err := time.Parse(time.DateOnly, d.value); d.value != "" && err != nil {
			p.add(x.line(d.key), "%s: %s %s is not a date: YYYY-MM-DD", who, d.key, quote(d.value))
		}
	}
	if x.From != "" && x.Until != "" && x.From > x.Until {
		p.add(x.line("until"), "%s: ends before it begins", who)
	}
	x.Then.check(p, who)
}

func (x Action) check(p *Problems, who string) {
	if x.Assign != "" && !x.Assign.Valid() {
		p.add(x.line("assign"), "%s: assign %s is none of offer, direct, deputy", who, quote(string(x.Assign)))
	}
	if a := time.Duration(x.Alone); a != 0 && (a < minWithin || a > maxWithin) {
		p.add(x.line("alone"), "%s: alone must be between %s and %s", who, Duration(minWithin), Duration(maxWithin))
	}
	if x.Task != "" && x.Task != worklist.Double && x.Task != worklist.Opinion {
		p.add(x.line("task"), "%s: task %s is none of double, opinion", who, quote(string(x.Task)))
	}
	checkOnce(p, x.line("forward"), who+": forward", x.Forward)
	for _, to := range x.Forward {
		if facility, name, ok := strings.Cut(to, "/"); !ok || !plain(facility) || !plain(name) || strings.ContainsAny(to, ",") {
			p.add(x.line("forward"), "%s: forward %s is not facility/destination", who, quote(to))
		}
	}
	checkOnce(p, x.line("requires"), who+": requires", x.Requires)
	for _, s := range x.Requires {
		if !plain(s) || s != strings.TrimSpace(s) || strings.Contains(s, ",") {
			p.add(x.line("requires"), "%s: requires %s is not a subspecialty", who, quote(s))
		}
	}
	if x.Priors != nil {
		x.Priors.check(p, x.line("priors"), who)
	}
	if x.Panel == "" {
		p.add(x.line("panel"), "%s: no panel", who)
	}
	if x.Priority != "" && !x.Priority.Valid() {
		p.add(x.line("priority"), "%s: priority %s is none of STAT, URGENT, ROUTINE", who, quote(string(x.Priority)))
	}
	if w := time.Duration(x.Within); w < minWithin || w > maxWithin {
		p.add(x.line("within"), "%s: within must be between %s and %s", who, Duration(minWithin), Duration(maxWithin))
	}
}

func checkName(p *Problems, at place, who, name, nameEn string) {
	if !plain(name) {
		p.add(at.line("name"), "%s needs a name of at most %d characters", who, maxName)
	}
	if nameEn != "" && !plain(nameEn) {
		p.add(at.line("name_en"), "%s: name_en is too long or holds control characters", who)
	}
}

func checkCertificates(p *Problems, at place, who string, list []string) {
	seen := once{}
	for _, c := range list {
		f, err := bcp195.ParseFingerprint(c)
		if err != nil {
			p.add(at.line("certificates"), "%s: certificate %s is %v", who, quote(c), bcp195.ErrFingerprint)
			continue
		}
		seen.see(p, at.line("certificates"), who+": certificate", f)
	}
}

// maxPriors is how many earlier studies a rule fetches at most for one study.
const maxPriors = 20

func (x Priors) check(p *Problems, line int, who string) {
	if !plain(x.From) {
		p.add(line, "%s: priors: from is the name of a destination of the hospital", who)
	}
	if x.Most < 1 || x.Most > maxPriors {
		p.add(line, "%s: priors: most is a number of studies from 1 to %d", who, maxPriors)
	}
	if x.Months < 0 || x.Months > 600 {
		p.add(line, "%s: priors: months is a number from 1 to 600; leave it out for all", who)
	}
}

// plain: some text of reasonable length without control characters.
func plain(s string) bool {
	if strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > maxName || !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, unicode.IsControl) < 0
}
