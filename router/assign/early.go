package assign

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Early gives a study whose images still arrive its task when it is a STAT by its
// order, by a rule on what is here, or because the hospital has asked for it so. ok is
// false when it is none, when the coordinator is to decide, or when it has a task
// already.
func Early(ctx context.Context, tx db.Tx, s catalog.Study) (res Result, ok bool, err error) {
	open, err := worklist.OpenOfStudy(ctx, tx, s.ID)
	if err != nil || open != nil {
		return Result{}, false, err
	}
	if last, err := worklist.LatestCompleted(ctx, tx, s.ID); err != nil || last != nil {
		return Result{}, false, err
	}
	set, err := rule.Load(ctx, tx)
	if err != nil {
		return Result{}, false, fmt.Errorf("assign: %w", err)
	}
	if _, _, err := order.Join(ctx, tx, s); err != nil {
		return Result{}, false, fmt.Errorf("assign: %w", err)
	}
	subject, err := subjectOf(ctx, tx, s, db.NowIn(ctx))
	if err != nil {
		return Result{}, false, err
	}
	res.Decision = set.Evaluate(subject)
	request, err := worklist.WaitingRequest(ctx, tx, s.FacilityID, s.StudyInstanceUID, s.AccessionNumber)
	if err != nil {
		return Result{}, false, fmt.Errorf("assign: %w", err)
	}
	if stat := res.Decision.Priority == worklist.STAT || request != nil && request.Priority == worklist.STAT; !stat || res.Decision.Rule.Hold {
		return Result{}, false, nil
	}
	if err := fetchPriors(ctx, tx, s, &res.Decision); err != nil {
		return Result{}, false, err
	}
	res.Decision.Reasons = append(res.Decision.Reasons, worklist.Reason{
		Rule: "early", Matched: true, Chosen: true,
		Text: map[string]string{"ja": "STATのため、画像の受信中に提示", "en": "a STAT: offered while its images arrive"},
	})
	if res.Workitem, res.Outcome, err = create(ctx, tx, s, &res.Decision, worklist.Workitem{Readiness: worklist.Incomplete}); err != nil {
		return Result{}, false, err
	}
	return res, true, record(ctx, tx, res)
}

// misplaced reports whether an item that was made of a study's first images, and that
// nobody has taken, is not where the whole study belongs.
func misplaced(w worklist.Workitem, s catalog.Study, d rule.Decision) bool {
	return w.State == worklist.Scheduled && w.Purpose == "" && w.Readiness == worklist.Incomplete && s.Reopened == 0 && w.Offer.Reached == worklist.ToMain &&
		(d.Rule.PanelID != w.PanelID || d.Rule.Hold)
}
