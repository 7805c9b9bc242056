package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/identity"
)

var (
	errSiteFile   = problem(http.StatusUnprocessableEntity, "site_file", "The directory cannot be changed like this.")
	errBeyondRole = problem(http.StatusForbidden, "beyond_role", "Only an administrator may do this to accounts of coordinators and administrators, or prune.")
)

type changeView struct {
	Op   string `json:"op"` // + ~ - =
	Kind string `json:"kind"`
	Name string `json:"name"`
	Text string `json:"text"`
}

func viewDiff(d site.Diff) []changeView {
	list := []changeView{}
	for _, c := range d {
		if c.Op != '=' {
			list = append(list, changeView{string(c.Op), c.Kind, c.Name, c.Text})
		}
	}
	return list
}

// siteFile reads the part of a site file in a request: YAML, which JSON is a part of,
// or a table.
func (c *call) siteFile() (site.File, error) {
	var in struct {
		Text  string     `json:"text"`
		Table site.Table `json:"table"` // one of site.Tables: the text is CSV
	}
	if err := c.read(&in); err != nil {
		return site.File{}, err
	}
	if in.Table == "" {
		return parseSite(in.Text)
	}
	if !slices.Contains(site.Tables, in.Table) {
		return site.File{}, errTable
	}
	now, err := site.Export(c.r.Context(), c.DB.Read(c.r.Context()))
	if err != nil {
		return site.File{}, err
	}
	f, err := site.ParseCSV(strings.NewReader(in.Text), in.Table, now)
	return f, siteProblem(err)
}

var errTable = errBadRequest.with("table is facilities, users, panels or destinations")

func parseSite(text string) (site.File, error) {
	f, err := site.Parse(strings.NewReader(text))
	return f, siteProblem(err)
}

func siteProblem(err error) error {
	var p site.Problems
	if errors.As(err, &p) {
		return errSiteFile.with(strings.TrimPrefix(p.Error(), "site file: "))
	}
	return err
}

// within refuses what only administrators may do.
func (c *call) within(ctx context.Context, f site.File) error {
	if c.who.Role == identity.Admin {
		return nil
	}
	if f.Prune {
		return errBeyondRole
	}
	for _, u := range f.Users {
		old, err := identity.UserByLogin(ctx, c.DB.Read(ctx), u.Login)
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			return err
		}
		for _, role := range []identity.Role{identity.Role(u.Role), old.Role} {
			if role == identity.Coordinator || role != "" && !identity.Decide(c.who, identity.ManageUsers, identity.Resource{Account: role}).Allowed {
				return errBeyondRole
			}
		}
	}
	return nil
}

// directory is the directory in force: a site file as text or as JSON, or a table.
func (s *server) directory(c *call) error {
	q := c.r.URL.Query()
	f, err := site.Export(c.r.Context(), s.DB.Read(c.r.Context()))
	if err != nil {
		return err
	}
	switch q.Get("part") {
	case "":
	case "rules":
		f = site.File{Rules: f.Rules, Fallback: f.Fallback}
	default:
		return errBadRequest.with("part is rules or nothing")
	}
	var b bytes.Buffer
	switch q.Get("format") {
	case "", "yaml":
		if err := f.WriteYAML(&b); err != nil {
			return err
		}
		return c.json(http.StatusOK, map[string]string{"text": b.String()})
	case "json":
		tree, err := f.Tree()
		if err != nil {
			return err
		}
		return c.json(http.StatusOK, tree)
	case "csv":
		t := site.Table(q.Get("table"))
		if !slices.Contains(site.Tables, t) {
			return errTable
		}
		if err := f.WriteCSV(&b, t); err != nil {
			return err
		}
		return c.csv(string(t), b.Bytes())
	}
	return errBadRequest.with("format is yaml, json or csv")
}

// csv answers with a table to be saved under a name.
func (c *call) csv(name string, table []byte) error {
	c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	c.w.Header().Set("Cache-Control", "no-store")
	_, err := c.w.Write(table)
	return err
}

// planDirectory says what a site file would change.
func (s *server) planDirectory(c *call) error {
	f, err := c.permittedFile()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	d, err := site.Plan(ctx, s.DB.Read(ctx), f)
	if err != nil {
		return siteProblem(err)
	}
	return c.json(http.StatusOK, map[string]any{"changes": viewDiff(d)})
}

// permittedFile is the file of a request, when who asks may apply it.
func (c *call) permittedFile() (site.File, error) {
	f, err := c.siteFile()
	if err != nil {
		return f, err
	}
	return f, c.within(c.r.Context(), f)
}

// applyDirectory changes the directory, and tells first passwords, once.
func (s *server) applyDirectory(c *call) error {
	f, err := c.permittedFile()
	if err != nil {
		return err
	}
	done, err := site.Apply(c.r.Context(), s.DB, f, c.who.UserID)
	if err != nil {
		return siteProblem(err)
	}
	type password struct {
		Login    string `json:"login"`
		Password string `json:"password"`
	}
	out := struct {
		Changes   []changeView `json:"changes"`
		Passwords []password   `json:"passwords"`
	}{viewDiff(done.Diff), []password{}}
	for _, p := range done.Passwords {
		out.Passwords = append(out.Passwords, password(p))
	}
	return c.json(http.StatusOK, out)
}
