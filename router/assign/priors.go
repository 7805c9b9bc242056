package assign

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// fetchPriors has earlier studies fetched for a study where its rule says so, and adds to
// the reasons whether they are. Nothing that stands against it keeps a study from being read.
func fetchPriors(ctx context.Context, tx db.Tx, s catalog.Study, d *rule.Decision) error {
	p := d.Rule.Priors
	if p.From == "" {
		return nil
	}
	why, err := prior.Enqueue(ctx, tx, s, p)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	reason := worklist.Reason{Rule: d.Rule.Name, Matched: why == ""}
	switch why {
	case prior.NoSource:
		reason.Text = map[string]string{"ja": "この病院に " + p.From + " という送信先がないため、過去検査を取り寄せていません", "en": "the hospital has no destination " + p.From + ": no earlier studies are fetched"}
	case prior.NoPatient:
		reason.Text = map[string]string{"ja": "患者IDで照会できないため、過去検査を取り寄せていません", "en": "the Patient ID cannot be asked for: no earlier studies are fetched"}
	case prior.TooMany:
		reason.Text = map[string]string{"ja": "取り寄せ待ちが多すぎるため、過去検査を取り寄せていません", "en": "too many studies wait for theirs: no earlier studies are fetched"}
	default:
		reason.Text = map[string]string{"ja": "過去検査を " + p.From + " から取り寄せ", "en": "earlier studies are fetched from " + p.From}
	}
	d.Reasons = append(d.Reasons, reason)
	return nil
}
