package reports

import (
	"context"
	"slices"

	"github.com/dokuei/dokuei/storage/catalog"
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
		i := slices.IndexFunc(instances, func(i catalog.Instance) bool { return i.SOPInstanceUID == key.Instance })
		if i < 0 {
			continue
		}
		file, err := k.deps.Draw(ctx, instances[i].ObjectKey, key.Frame, key.Window)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		d := Drawn{KeyImage: key, JPEG: file, Rows: instances[i].Rows, Columns: instances[i].Columns}
		for _, m := range a.Marks {
			if m.Instance == key.Instance && m.Frame == key.Frame {
				d.Marks = append(d.Marks, m)
			}
		}
		out = append(out, d)
	}
	return out, nil
}
