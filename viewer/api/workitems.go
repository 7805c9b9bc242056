package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

type workitemView struct {
	ID          string             `json:"id"`
	State       worklist.State     `json:"state"`
	Kind        worklist.Kind      `json:"kind"`
	Purpose     worklist.Purpose   `json:"purpose"`
	Priority    worklist.Priority  `json:"priority"`
	Deadline    *time.Time         `json:"deadline"`
	CreatedAt   *time.Time         `json:"createdAt"`
	ClaimedAt   *time.Time         `json:"claimedAt"`
	ClaimedBy   *named             `json:"claimedBy"`
	CompletedAt *time.Time         `json:"completedAt"`
	Readiness   worklist.Readiness `json:"readiness"`
	ClaimDue    *time.Time         `json:"claimDue"` // until when somebody is to take it; null: not watched
	Onset       *time.Time         `json:"onset"`    // of a stroke, or last known well, by the order of a STAT; null: not told
	Panel       named              `json:"panel"`
	Escalated   int                `json:"escalated"`
	HeldUntil   *time.Time         `json:"heldUntil"`           // then another reader may take it over
	Priors      prior.State        `json:"priors,omitempty"`    // in lists, of what is open: waiting or failed, when a rule has asked for earlier studies
	OfferedTo   *named             `json:"offeredTo"`           // while only this reader, or a deputy, may claim it
	Deputy      *named             `json:"deputy,omitempty"`    // who may claim it too by now
	OfferEnds   *time.Time         `json:"offerEnds,omitempty"` // then the panel may claim it
	Declined    bool               `json:"declined,omitempty"`  // by who asks
	Declines    []declinedView     `json:"declines,omitempty"`  // by whom, while it waits; for those who read and who coordinate
	Reasons     []reasonView       `json:"reasons"`
	Replaces    *string            `json:"replaces"`
	ReplacedBy  *string            `json:"replacedBy"`
	Study       *studyView         `json:"study,omitempty"`
}

type reasonView struct {
	Rule    string            `json:"rule"`
	Matched bool              `json:"matched"`
	Chosen  bool              `json:"chosen"`
	Text    map[string]string `json:"text"` // by language
}

type worklistView struct {
	Items  []workitemView  `json:"items"`
	Next   *string         `json:"next"`
	Counts worklist.Counts `json:"counts"` // by tab, at most worklist.MaxCount; empty behind the first page
}

// worklistQuery is what of the list is asked for: in the address, or, with what
// somebody typed and is not to stand in an address, in a body. A cursor of chosen
// columns holds what stands in them, so sort is asked for in a body only.
type worklistQuery struct {
	listFilter
	Cursor string `json:"cursor"`
	Limit  int    `json:"limit"`
}

// listFilter is a list without the place one has come to in it.
type listFilter struct {
	State    worklist.Tab       `json:"state"`
	Q        string             `json:"q,omitempty"`
	Facility string             `json:"facility,omitempty"`
	Panel    string             `json:"panel,omitempty"`
	Priority worklist.Priority  `json:"priority,omitempty"`
	Modality string             `json:"modality,omitempty"`
	Since    string             `json:"since,omitempty"` // today, yesterday, or 3d, 7d, 30d: the days until now
	Sort     []worklist.SortKey `json:"sort,omitempty"`
}

// filter is what the list below is asked, at a moment.
func (f listFilter) filter(now time.Time) (worklist.Filter, error) {
	out := worklist.Filter{Tab: f.State, Query: f.Q, FacilityID: f.Facility, PanelID: f.Panel, Priority: f.Priority, Modality: f.Modality, Sort: f.Sort, Now: now}
	if f.State != "" && !slices.Contains(worklist.Tabs, f.State) {
		return out, errBadRequest.with("state is one of the lists: open, unread, mine, sign, second, late, escalated, stat, done, all")
	}
	if f.Priority != "" && !f.Priority.Valid() {
		return out, errBadRequest.with("priority is STAT, URGENT or ROUTINE")
	}
	if max(len(f.Facility), len(f.Panel), len(f.Modality)) > maxName {
		return out, errBadRequest.with("facility, panel or modality is too long")
	}
	today := calendar.DayOf(now)
	switch f.Since {
	case "":
	case "today":
		out.MadeFrom = today.Start()
	case "yesterday":
		out.MadeFrom, out.MadeTo = today.Add(-1).Start(), today.Start()
	case "3d", "7d", "30d":
		days, _ := strconv.Atoi(strings.TrimSuffix(f.Since, "d")) //nolint:errcheck // one of the three
		out.MadeFrom = today.Add(1 - days).Start()
	default:
		return out, errBadRequest.with("since is today, yesterday, 3d, 7d or 30d")
	}
	return out, searchable(f.Q, 0)
}

const maxName = 64 // bytes of an id in a query

func (s *server) worklist(c *call) error {
	q := c.r.URL.Query()
	limit, err := c.limit()
	if err != nil {
		return err
	}
	return s.listWork(c, worklistQuery{listFilter{
		State: worklist.Tab(q.Get("state")), Q: q.Get("q"), Facility: q.Get("facility"), Panel: q.Get("panel"),
		Priority: worklist.Priority(q.Get("priority")), Modality: q.Get("modality"), Since: q.Get("since"),
	}, q.Get("cursor"), limit})
}

func (s *server) searchWorklist(c *call) error {
	var q worklistQuery
	if err := c.read(&q); err != nil {
		return err
	}
	return s.listWork(c, q)
}

func (s *server) listWork(c *call, q worklistQuery) error {
	f, err := q.filter(db.Now())
	if err != nil {
		return err
	}
	if err := searchable(q.Q, q.Limit); err != nil {
		return err
	}
	f.Cursor, f.Limit = q.Cursor, q.Limit
	var view worklistView
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		page, err := worklist.List(ctx, tx, c.scope, f)
		if err != nil {
			return err
		}
		counts := worklist.Counts{}
		if f.Cursor == "" {
			if counts, err = worklist.Count(ctx, tx, c.scope); err != nil {
				return err
			}
		}
		b := newBook(ctx, tx, c)
		view = worklistView{Items: []workitemView{}, Next: orNull(page.Next), Counts: counts}
		if err := b.gatherItems(page.Items); err != nil {
			return err
		}
		for _, item := range page.Items {
			v, err := b.workitem(item.Workitem, &item.Study)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, v)
		}
		return view.addPriors(ctx, tx)
	})
	if err != nil {
		return err
	}
	s.query(c, "worklist", q.Q)
	return c.json(http.StatusOK, view)
}

// addPriors says of what is open where earlier studies are to come or could not be had.
func (v *worklistView) addPriors(ctx context.Context, tx db.Tx) error {
	var ids []string
	for _, item := range v.Items {
		if item.State.Open() && item.Study != nil {
			ids = append(ids, item.Study.ID)
		}
	}
	states, err := prior.Unsettled(ctx, tx, ids)
	if err != nil {
		return err
	}
	for n, item := range v.Items {
		if item.State.Open() && item.Study != nil {
			v.Items[n].Priors = states[item.Study.ID]
		}
	}
	return nil
}

func (s *server) workitem(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.showWorkitem(c, id)
}

func (s *server) showWorkitem(c *call, id string) error {
	view, err := s.viewWorkitem(c, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (s *server) viewWorkitem(c *call, id string) (view workitemView, err error) {
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		item, err := worklist.Get(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).workitem(item.Workitem, &item.Study)
		return err
	})
	return view, err
}

func (s *server) wakeClock() {
	if s.WakeClock != nil {
		s.WakeClock()
	}
}

// change runs fn on a Workitem the principal can see.
func (s *server) change(c *call, fn func(ctx context.Context, tx db.Tx, id string) error) (id string, err error) {
	if id, err = c.id(); err != nil {
		return "", err
	}
	defer s.wakeClock()
	return id, s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := worklist.Get(ctx, tx, c.scope, id); err != nil {
			return err
		}
		return fn(ctx, tx, id)
	})
}

func (s *server) claim(c *call) error {
	id, err := s.change(c, func(ctx context.Context, tx db.Tx, id string) error {
		_, err := worklist.Claim(ctx, tx, id, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	return s.showWorkitem(c, id)
}

func (s *server) release(c *call) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if utf8.RuneCountInString(in.Reason) > 500 {
		return errBadRequest.with("the reason is longer than 500 characters")
	}
	var released, replacement worklist.Workitem
	_, err := s.change(c, func(ctx context.Context, tx db.Tx, id string) (err error) {
		released, replacement, err = worklist.Release(ctx, tx, id, c.who.UserID, in.Reason)
		return err
	})
	if err != nil {
		return err
	}
	var out struct {
		Released    workitemView `json:"released"`
		Replacement workitemView `json:"replacement"`
	}
	if out.Released, err = s.viewWorkitem(c, released.ID); err != nil {
		return err
	}
	if out.Replacement, err = s.viewWorkitem(c, replacement.ID); err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

func (s *server) reassign(c *call) error {
	var in struct {
		Panel    string            `json:"panel"`
		Priority worklist.Priority `json:"priority"`
		Reason   string            `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Priority != "" && !in.Priority.Valid() {
		return errBadRequest.with("priority is STAT, URGENT or ROUTINE")
	}
	var replacement worklist.Workitem
	_, err := s.change(c, func(ctx context.Context, tx db.Tx, id string) (err error) {
		_, replacement, err = worklist.Reassign(ctx, tx, id, c.who.UserID,
			worklist.Reassignment{PanelID: in.Panel, Priority: in.Priority, Reason: in.Reason})
		return err
	})
	if err != nil {
		return err
	}
	return s.showWorkitem(c, replacement.ID)
}

// book turns rows into views and remembers the names it has looked up.
type book struct {
	ctx    context.Context
	tx     db.Tx
	who    identity.Principal
	scope  identity.Scope
	faces  *faces
	names  map[string]named // by kind and ID
	studys map[string]*studyView
	abouts map[string]about // by study

	declines map[string][]worklist.Declined // by item

	veils map[string]*deident.Words // by study
}

func newBook(ctx context.Context, tx db.Tx, c *call) *book {
	return &book{ctx: ctx, tx: tx, who: c.who, scope: c.scope, faces: &c.faces, names: map[string]named{}, studys: map[string]*studyView{}, abouts: map[string]about{}, declines: map[string][]worklist.Declined{}}
}

func (b *book) named(kind, id string, find func() (named, error)) (named, error) {
	key := kind + "/" + id
	if n, ok := b.names[key]; ok {
		return n, nil
	}
	n, err := find()
	if err == nil {
		b.names[key] = n
	}
	return n, err
}

func (b *book) panel(id string) (named, error) {
	return b.named("panel", id, func() (named, error) {
		p, err := worklist.PanelByID(b.ctx, b.tx, id)
		return named{p.ID, p.Name, p.NameEn}, err
	})
}

func (b *book) facility(id string) (named, error) {
	return b.named("facility", id, func() (named, error) {
		f, err := worklist.FacilityByID(b.ctx, b.tx, id)
		return named{f.ID, f.Name, f.NameEn}, err
	})
}

func (b *book) user(id string) (named, error) {
	return b.named("user", id, func() (named, error) {
		u, err := identity.UserByID(b.ctx, b.tx, id)
		return named{u.ID, u.Name, u.NameEn}, err
	})
}

// workitem is the view of an item; study may be nil where the page has it
// already.
func (b *book) workitem(item worklist.Workitem, study *catalog.Study) (workitemView, error) {
	v := workitemView{
		ID: item.ID, State: item.State, Kind: item.Kind, Purpose: item.Purpose, Priority: item.Priority, Deadline: moment(item.Deadline),
		CreatedAt: moment(item.CreatedAt), ClaimedAt: moment(item.ClaimedAt), CompletedAt: moment(item.CompletedAt),
		Readiness: item.Readiness, Reasons: viewReasons(item.Reasons), Replaces: orNull(item.Replaces), ReplacedBy: orNull(item.ReplacedBy),
	}
	v.Escalated, v.ClaimDue = item.Escalated, moment(item.ClaimDue)
	if item.State == worklist.InProgress {
		v.HeldUntil = moment(item.ClaimedAt.Add(item.Priority.HoldTime()))
	}
	var err error
	if o := item.Offer; item.State == worklist.Scheduled && o.Main != "" && o.Reached != worklist.ToPanel {
		who, err := b.user(o.Main)
		if err != nil {
			return v, err
		}
		v.OfferedTo, v.OfferEnds = &who, moment(o.Until)
		if o.Reached == worklist.ToDeputy {
			deputy, err := b.user(o.Deputy)
			if err != nil {
				return v, err
			}
			v.Deputy = &deputy
		}
	}
	if v.Panel, err = b.panel(item.PanelID); err != nil {
		return v, err
	}
	if item.ClaimedBy != "" {
		who, err := b.user(item.ClaimedBy)
		if err != nil {
			return v, err
		}
		v.ClaimedBy = &who
	}
	if item.Priority == worklist.STAT && item.State.Open() {
		a, err := b.about(item.StudyID)
		if err != nil {
			return v, err
		}
		v.Onset = moment(a.onset)
	}
	if err := b.declined(&v, item); err != nil {
		return v, err
	}
	if study != nil {
		if v.Study, err = b.study(*study); err != nil {
			return v, err
		}
	}
	return v, nil
}
