package commit

import (
	"context"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
)

var errNowhere = errors.New("the hospital has no destination with this AE title in the site file")

// report tells the AE that asked: on its own association while that lasts, else
// on one opened to it.
func (c *Committer) report(ctx context.Context, r request, items []commitment.Item) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Answer)
	defer cancel()
	result := commitment.Result{TransactionUID: r.TransactionUID, Items: items}
	e := service.EventReport{
		SOPClassUID: uid.StorageCommitmentPush, SOPInstanceUID: commitment.Instance,
		EventTypeID: result.Event(), Information: result.Dataset(r.CalledAE),
	}
	c.mu.Lock()
	reporter := c.live[r.ID]
	c.mu.Unlock()
	if reporter != nil {
		status, err := reporter.Report(ctx, e)
		c.hangUp(r.ID, reporter) // one chance: what it has not taken is told by a call
		if err == nil {
			return accepted(status)
		}
		if !errors.Is(err, service.ErrEnded) {
			return fmt.Errorf("on the association that asked: %w", err)
		}
	}
	return c.call(ctx, r, e)
}

// call reports on an association of ours, with the roles reversed (PS3.4 J.3.3).
func (c *Committer) call(ctx context.Context, r request, e service.EventReport) error {
	to, known, err := c.opts.Destination(ctx, r.FacilityID, r.AETitle)
	if err != nil {
		return err
	}
	if !known {
		return errNowhere
	}
	client, err := service.Dial(ctx, to.Address, service.DialOptions{
		CallingAE: r.CalledAE, CalledAE: r.AETitle, TLS: to.TLS, Dialer: c.opts.Dialer, Log: c.opts.Log, Connect: c.opts.Answer, Response: c.opts.Answer,
		Contexts: []service.Context{{AbstractSyntax: e.SOPClassUID, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}},
		Roles:    []pdu.RoleSelection{service.SCPRole(e.SOPClassUID)},
	})
	if err != nil {
		return err
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answer is what counts
	status, err := client.Report(ctx, e)
	if err != nil {
		return err
	}
	return accepted(status)
}

func accepted(s dimse.Status) error {
	if c := s.Class(); c == dimse.ClassSuccess || c == dimse.ClassWarning {
		return nil
	}
	return fmt.Errorf("the answer was refused: %s", s)
}
