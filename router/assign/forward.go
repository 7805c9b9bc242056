package assign

import (
	"context"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// forward sends the images of a study where its rule says they go too, and adds to the
// reasons what came of it. A destination that is gone keeps no study from being read;
// images of a hospital whose patients are known by pseudonyms go to no other hospital.
func forward(ctx context.Context, tx db.Tx, s catalog.Study, d *rule.Decision) error {
	if len(d.Rule.Forward) == 0 {
		return nil
	}
	own, err := worklist.ProfileOfFacility(ctx, tx, s.FacilityID)
	if err != nil {
		return fmt.Errorf("assign: forward: %w", err)
	}
	for _, to := range d.Rule.Forward {
		facility, name, _ := strings.Cut(to, "/")
		list, err := worklist.DestinationsOf(ctx, tx, facility)
		if err != nil {
			return fmt.Errorf("assign: forward: %w", err)
		}
		reason := worklist.Reason{Rule: d.Rule.Name, Matched: false, Text: map[string]string{
			"ja": "転送先 " + to + " は登録されていないため、画像を転送していません", "en": "there is no destination " + to + ": the images were not forwarded",
		}}
		if own.Pseudonymous && facility != s.FacilityID {
			list, reason.Text = nil, map[string]string{
				"ja": "仮名化の対象病院のため、画像を " + to + " に転送していません", "en": "patients of this hospital are known by pseudonyms: the images were not forwarded to " + to,
			}
		}
		for _, t := range list {
			if t.Name != name || t.Route != "" { // a route is for reports
				continue
			}
			if _, err := deliver.Forward(ctx, tx, s, t.ID); err != nil {
				return fmt.Errorf("assign: %w", err)
			}
			reason.Matched = true
			reason.Text = map[string]string{"ja": "画像を " + to + " にも転送", "en": "the images go to " + to + " too"}
		}
		d.Reasons = append(d.Reasons, reason)
	}
	return nil
}
