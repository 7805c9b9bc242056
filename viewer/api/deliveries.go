package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/db"
)

type deliveryView struct {
	ID          string        `json:"id"`
	Destination string        `json:"destination"`
	Object      string        `json:"object"` // a kind of router/deliver
	State       deliver.State `json:"state"`
	Refused     bool          `json:"refused"`
	Attempts    int           `json:"attempts"`
	NextAt      *time.Time    `json:"nextAt"`
	LastError   *string       `json:"lastError"` // in English
	Reason      string        `json:"reason"`    // its name; "": none of ours
	Detail      string        `json:"detail"`    // what it says beyond its name, a status or code
	DeliveredAt *time.Time    `json:"deliveredAt"`
}

func viewDelivery(d deliver.Delivery) deliveryView {
	v := deliveryView{
		ID: d.ID, Destination: d.DestinationName, Object: d.Object, State: d.State, Refused: d.Refused, Attempts: d.Attempts,
		NextAt: moment(d.NextAt), LastError: orNull(d.LastError), DeliveredAt: moment(d.DeliveredAt),
	}
	if d.State == deliver.Delivered {
		v.NextAt, v.LastError = nil, nil
	} else {
		v.Reason, v.Detail = deliver.Named(d.LastError)
	}
	return v
}

// retryDelivery has a delivery tried now instead of at its next turn.
func (s *server) retryDelivery(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct{}
	if err := c.read(&in); err != nil {
		return err
	}
	var d deliver.Delivery
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		d, err = deliver.Retry(ctx, tx, c.scope, id, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	if s.WakeCourier != nil {
		s.WakeCourier()
	}
	return c.json(http.StatusOK, viewDelivery(d))
}
