package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type sharedListView struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Panel  *named     `json:"panel"` // null: everybody
	By     named      `json:"by"`
	Mine   bool       `json:"mine"`
	Filter listFilter `json:"filter"`
}

// sharedLists are the lists with names that others share with who asks.
func (s *server) sharedLists(c *call) error {
	view := []sharedListView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := worklist.SharedLists(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, l := range all {
			v, err := b.sharedList(l, c.who.UserID)
			if err != nil {
				return err
			}
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (b *book) sharedList(l worklist.SharedList, own string) (v sharedListView, err error) {
	v = sharedListView{ID: l.ID, Name: l.Name, Mine: l.Owner == own}
	if err := json.Unmarshal(l.Filter, &v.Filter); err != nil {
		return v, err
	}
	if l.PanelID != "" {
		p, err := b.panel(l.PanelID)
		if err != nil {
			return v, err
		}
		v.Panel = &p
	}
	v.By, err = b.user(l.Owner)
	return v, err
}

// shareList keeps a list for the readers of a panel one sits on. With everybody, or
// with other panels, only who moves work may share.
func (s *server) shareList(c *call) error {
	var in struct {
		Name   string     `json:"name"`
		Panel  string     `json:"panel"`
		Filter listFilter `json:"filter"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if _, err := in.Filter.filter(db.Now()); err != nil {
		return err
	}
	if strings.TrimSpace(in.Name) == "" {
		return worklist.ErrList
	}
	if c.who.UserID == "" || !slices.Contains(c.scope.PanelIDs, in.Panel) && !c.mayMoveWork() {
		return errForbidden
	}
	raw, err := json.Marshal(in.Filter)
	if err != nil {
		return err
	}
	var view sharedListView
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		made, err := worklist.ShareList(ctx, tx, worklist.SharedList{Name: in.Name, PanelID: in.Panel, Owner: c.who.UserID, Filter: raw})
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).sharedList(made, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, view)
}

func (c *call) mayMoveWork() bool {
	return identity.Decide(c.who, identity.ReassignWork, identity.Resource{}).Allowed
}

// dropList takes a shared list away.
func (s *server) dropList(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return worklist.DropList(ctx, tx, c.scope, id, c.who.UserID, c.mayMoveWork())
	}))
}
