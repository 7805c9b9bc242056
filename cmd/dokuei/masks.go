package main

import (
	"context"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// masksAge is how old what is known of the masks may be: pictures are made by the
// hundred, and the directory changes by the month.
const masksAge = 5 * time.Second

// masks knows which areas of a hospital's images are not shown.
type masks struct {
	db *db.DB

	mu   sync.Mutex
	read time.Time
	by   map[string]masking
}

// masking is what of a hospital's images is hidden.
type masking struct {
	rules        []deident.MaskRule
	pseudonymous bool
}

// all are the hospitals that hide anything.
func (m *masks) all(ctx context.Context) (map[string]masking, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by != nil && time.Since(m.read) < masksAge {
		return m.by, nil
	}
	tx := m.db.Read(ctx)
	list, err := worklist.Facilities(ctx, tx)
	if err != nil {
		return nil, err
	}
	veils, err := identity.LoadVeils(ctx, tx)
	if err != nil {
		return nil, err
	}
	by := map[string]masking{}
	for _, f := range list {
		p, err := worklist.ProfileOfFacility(ctx, tx, f.ID)
		if err != nil {
			return nil, err
		}
		if _, veiled := veils[f.ID]; veiled || len(p.Masks) > 0 {
			by[f.ID] = masking{p.Masks, veiled}
		}
	}
	m.by, m.read = by, time.Now()
	return by, nil
}

// of are the areas of an image that are not shown. An image of a hospital whose
// patients readers do not know is not shown at all when it says that it names one and
// no rule says where.
func (m *masks) of(ctx context.Context, facilityID string, header *dataset.Dataset) ([]deident.Area, error) {
	by, err := m.all(ctx)
	if err != nil {
		return nil, err
	}
	hospital, hides := by[facilityID]
	if !hides {
		return nil, nil
	}
	areas := deident.AreasOf(hospital.rules, header)
	if len(areas) == 0 && hospital.pseudonymous && deident.BurnedIn(header) {
		rows, _ := header.Int(tag.Rows)
		columns, _ := header.Int(tag.Columns)
		areas = []deident.Area{{Width: columns, Height: rows}}
	}
	return areas, nil
}

// any reports whether anything is hidden anywhere; when it cannot be told it is.
func (m *masks) any(ctx context.Context) bool {
	by, err := m.all(ctx)
	return err != nil || len(by) > 0
}
