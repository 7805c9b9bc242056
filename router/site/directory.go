package site

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"

	"go.yaml.in/yaml/v3"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Export reads the directory in force into the form of a file. Passwords are
// not in it; users who are switched off are not either.
func Export(ctx context.Context, tx db.Tx) (File, error) {
	var f File
	facilities, err := worklist.Facilities(ctx, tx)
	if err != nil {
		return File{}, fmt.Errorf("site: export: %w", err)
	}
	for _, x := range facilities {
		p, err := worklist.ProfileOfFacility(ctx, tx, x.ID)
		if err != nil {
			return File{}, fmt.Errorf("site: export: %w", err)
		}
		out := exportFacility(x)
		out.Agreement = agreementOf(p)
		if out.Retention, err = retentionOf(ctx, tx, x.ID); err != nil {
			return File{}, fmt.Errorf("site: export: %w", err)
		}
		f.Facilities = append(f.Facilities, out)
	}
	if f.Closures, err = worklist.Closures(ctx, tx); err != nil {
		return File{}, fmt.Errorf("site: export: %w", err)
	}
	logins, err := f.exportUsers(ctx, tx)
	if err != nil {
		return File{}, err
	}
	if err := f.exportPanels(ctx, tx, logins); err != nil {
		return File{}, err
	}
	if err := f.exportShifts(ctx, tx, logins); err != nil {
		return File{}, err
	}
	set, err := rule.Load(ctx, tx)
	if err != nil {
		return File{}, fmt.Errorf("site: export: %w", err)
	}
	if f.Targets, err = worklist.Targets(ctx, tx); err != nil {
		return File{}, fmt.Errorf("site: export: %w", err)
	}
	codes, err := order.CodeTable(ctx, tx)
	if err != nil {
		return File{}, fmt.Errorf("site: export: %w", err)
	}
	for _, c := range codes {
		f.Codes = append(f.Codes, Code{Part: c.Part, Code: c.Code, Name: c.Name, NameEn: c.NameEn})
	}
	rules := RulesFile(set)
	if f.Rules = rules.Rules; set.Fallback.ID != "" {
		f.Fallback = rules.Fallback
	}
	return f.normal(), nil
}

// RulesFile is a set of rules as the part of a file.
func RulesFile(set rule.Set) File {
	var f File
	for _, r := range set.Rules {
		f.Rules = append(f.Rules, Rule{Name: r.Name, When: r.When, If: r.If, From: r.From, Until: r.Until, Then: exportAction(r)})
	}
	a := exportAction(set.Fallback)
	f.Fallback = &a
	return f
}

// Tree is the file as keys and values, for writing it as JSON. A file written so is
// read by [Parse] too: JSON is a part of YAML 1.2.
func (f File) Tree() (map[string]any, error) {
	raw, err := yaml.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("site: write: %w", err)
	}
	tree := map[string]any{}
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("site: write: %w", err)
	}
	return tree, nil
}

func exportFacility(x worklist.Facility) Facility {
	out := Facility{ID: x.ID, Name: x.Name, NameEn: x.NameEn, AETitles: x.AETitles, Certificates: x.Certificates, Addresses: x.Addresses, Quiet: Duration(x.Quiet)}
	for _, d := range x.Destinations {
		out.Destinations = append(out.Destinations, Destination{Name: d.Name, To: d.String(), Objects: d.Objects, RetrieveOnly: len(d.Objects) == 0, Notify: d.Notify, Performed: d.Performed, Commit: d.Commit, TLS: d.TLS})
	}
	return out
}

// exportUsers fills in the users and returns the login of each user ID.
func (f *File) exportUsers(ctx context.Context, tx db.Tx) (map[string]string, error) {
	users, err := identity.Users(ctx, tx, "")
	if err != nil {
		return nil, fmt.Errorf("site: export: %w", err)
	}
	stations, err := worklist.Workstations(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("site: export: %w", err)
	}
	profiles, err := worklist.ReaderProfiles(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("site: export: %w", err)
	}
	logins := make(map[string]string, len(users))
	for _, u := range users {
		if u.Disabled {
			continue
		}
		logins[u.ID] = u.Login
		f.Users = append(f.Users, User{
			Login: u.Login, Name: u.Name, NameEn: u.NameEn, Role: string(u.Role), Facility: u.FacilityID, License: u.License, Email: u.Email,
			AETitles: stations[u.ID].Titles(), Certificates: stations[u.ID].Certificates, Practice: practiceOf(profiles[u.ID]),
		})
	}
	return logins, nil
}

func (f *File) exportPanels(ctx context.Context, tx db.Tx, logins map[string]string) error {
	panels, err := worklist.Panels(ctx, tx)
	if err != nil {
		return fmt.Errorf("site: export: %w", err)
	}
	for _, x := range panels {
		p := Panel{ID: x.ID, Name: x.Name, NameEn: x.NameEn, Readings: x.Readings}
		if p.Readings == 1 {
			p.Readings = 0 // the default is not written
		}
		for _, id := range x.Readers {
			if login, ok := logins[id]; ok {
				p.Readers = append(p.Readers, login)
			}
		}
		for _, id := range x.Trainees {
			if login, ok := logins[id]; ok {
				p.Trainees = append(p.Trainees, login)
			}
		}
		f.Panels = append(f.Panels, p)
	}
	return nil
}

func exportAction(r rule.Rule) Action {
	a := Action{Panel: r.PanelID, Priority: r.Priority, Within: Duration(r.Within), Assign: r.Assign, Alone: Duration(r.Alone), Hold: r.Hold, Task: r.Task, Forward: r.Forward, Requires: r.Requires}
	if r.Priors.From != "" {
		a.Priors = &Priors{r.Priors.From, r.Priors.Most, r.Priors.Months}
	}
	return a
}

// WriteYAML writes the file; reading it back gives the same.
func (f File) WriteYAML(w io.Writer) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("site: write: %w", err)
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("site: write: %w", err)
	}
	return nil
}

// normal is the file with defaults written out and sets in order, so that
// files that mean the same are the same. f itself is not changed.
func (f File) normal() File {
	out := File{Rules: slices.Clone(f.Rules), Users: slices.Clone(f.Users), Closures: f.Closures, Targets: f.Targets, Codes: f.Codes, Prune: f.Prune, Replace: f.Replace}
	for _, x := range f.Shifts {
		out.Shifts = append(out.Shifts, x.normal())
	}
	for i, x := range out.Users {
		out.Users[i].AETitles, out.Users[i].Certificates = normalStations(x.AETitles), normalCertificates(x.Certificates)
		if role, known := identity.ParseRole(x.Role); known {
			out.Users[i].Role = string(role)
		}
	}
	for _, x := range f.Facilities {
		x.AETitles, x.Certificates, x.Addresses = normalTitles(x.AETitles), normalCertificates(x.Certificates), normalNetworks(x.Addresses)
		if x.Quiet == 0 {
			x.Quiet = Duration(DefaultQuiet)
		}
		x.Destinations = slices.Clone(x.Destinations)
		for i, d := range x.Destinations {
			d.Objects = slices.Clone(d.Objects)
			if len(d.Objects) == 0 && !d.RetrieveOnly {
				d.Objects = d.defaultObjects()
			}
			sort.Sort(sort.Reverse(sort.StringSlice(d.Objects))) // sr before pdf
			if ae, host, port, err := splitTo(d.To); err == nil {
				d.To = worklist.Destination{AETitle: ae, Host: host, Port: port}.String()
			}
			if pin, err := bcp195.ParseFingerprint(d.TLS); err == nil {
				d.TLS = pin
			}
			x.Destinations[i] = d
		}
		out.Facilities = append(out.Facilities, x)
	}
	for _, x := range f.Panels {
		x.Readers = slices.Clone(x.Readers)
		sort.Strings(x.Readers)
		x.Trainees = slices.Clone(x.Trainees)
		sort.Strings(x.Trainees)
		if x.Readings == 1 {
			x.Readings = 0
		}
		out.Panels = append(out.Panels, x)
	}
	if f.Fallback != nil {
		a := *f.Fallback
		out.Fallback = &a
	}
	return out
}

func normalTitles(list []string) []string {
	out := slices.Clone(list)
	for i, ae := range out {
		out[i] = trimAE(ae)
	}
	return out
}

// normalStations is normalTitles for those of workstations.
func normalStations(list []string) []string {
	out := slices.Clone(list)
	for i, s := range out {
		if ae, address, err := station(s); err == nil {
			out[i] = ae
			if address != "" {
				out[i] += "@" + address
			}
		}
	}
	return out
}

func normalNetworks(list []string) []string {
	out := slices.Clone(list)
	for i, a := range out {
		if n, err := worklist.ParseNetwork(a); err == nil { // else Parse has refused it
			out[i] = n.String()
		}
	}
	return out
}

func normalCertificates(list []string) []string {
	out := slices.Clone(list)
	for i, c := range out {
		if f, err := bcp195.ParseFingerprint(c); err == nil { // else Parse has refused it
			out[i] = f
		}
	}
	return out
}
