package site

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/retention"
)

// Retention is how long the studies of a hospital are kept: 5y, 90d. What is not said
// is as in retention.Default.
type Retention struct {
	Images  string `yaml:"images,omitempty"`  // after the last image
	Reports string `yaml:"reports,omitempty"` // after the last signature
	Trash   string `yaml:"trash,omitempty"`   // between the decision to delete and the deletion
}

func (r *Retention) policy() (*retention.Policy, error) {
	if r == nil {
		return nil, nil //nolint:nilnil // none of its own
	}
	p := retention.Default
	for _, part := range []struct {
		text string
		to   *retention.Period
	}{{r.Images, &p.Images}, {r.Reports, &p.Reports}, {r.Trash, &p.Trash}} {
		if part.text == "" {
			continue
		}
		v, err := retention.ParsePeriod(part.text)
		if err != nil {
			return nil, fmt.Errorf("%s is no period: 5y or 90d", quote(part.text))
		}
		*part.to = v
	}
	return &p, nil
}

func (r *Retention) check(p *Problems, at place, who string) {
	if _, err := r.policy(); err != nil {
		p.add(at.line("retention"), "%s: retention: %v", who, err)
	}
}

// text is the policy in one line, the same for the same policy.
func (r *Retention) text() string {
	p, err := r.policy()
	if err != nil || p == nil {
		return ""
	}
	return fmt.Sprintf("images %s, reports %s, trash %s", p.Images, p.Reports, p.Trash)
}

func retentionOf(ctx context.Context, tx db.Tx, facilityID string) (*Retention, error) {
	p, ok, err := retention.Own(ctx, tx, facilityID)
	if err != nil || !ok {
		return nil, err
	}
	return &Retention{p.Images.String(), p.Reports.String(), p.Trash.String()}, nil
}

func (r *Retention) write(ctx context.Context, tx db.Tx, facilityID string) error {
	p, err := r.policy()
	if err != nil {
		return err
	}
	return retention.SetPolicy(ctx, tx, facilityID, p)
}
