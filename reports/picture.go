package reports

import (
	"context"
	"slices"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// maxDrawn bounds the pictures of one printed report; all key images are in the
// key object.
const maxDrawn = 24

// pictures draws the key images. One that cannot be drawn is left out: it does not
// keep a report from being signed, and its number stays in text and key object.
func (k *Desk) pictures(ctx context.Context, instances []catalog.Instance, a Annotations) ([]Drawn, error) {
	if k.deps.Draw == nil {
		return nil, nil
	}
	keys := slices.Clone(a.Keys)
	slices.SortStableFunc(keys, func(a, b KeyImage) int { return a.Number - b.Number })
	var out []Drawn
	for _, key := range keys[:min(len(keys), maxDrawn)] {
		object, state := objectOf(instances, key.Instance), objectOf(instances, key.State)
		if object == "" {
			continue
		}
		d, err := k.deps.Draw(ctx, object, state, key)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		for _, m := range a.Marks {
			if m.Instance == key.Instance && m.Frame == key.Frame {
				d.Marks = append(d.Marks, m)
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// objectOf is where an instance is kept; "" when it is not among them.
func objectOf(instances []catalog.Instance, sopInstanceUID string) string {
	for _, i := range instances {
		if i.SOPInstanceUID == sopInstanceUID {
			return i.ObjectKey
		}
	}
	return ""
}

// Figures draws the key images of a signed version again as they may be shown now: the
// areas that nobody is shown are masked by whoever draws.
func (k *Desk) Figures(ctx context.Context, tx db.Tx, r *Report) ([]Drawn, error) {
	sets, err := SignedAnnotations(ctx, tx, identity.Everything(), r.StudyID)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(sets, func(a Annotating) bool { return a.ReportID == r.ID })
	if n < 0 {
		return nil, nil
	}
	series, err := catalog.SeriesOf(ctx, tx, identity.Everything(), r.StudyID)
	if err != nil {
		return nil, err
	}
	var instances []catalog.Instance
	for _, s := range series {
		instances = append(instances, s.Instances...)
	}
	return k.pictures(ctx, instances, sets[n].Annotations)
}
