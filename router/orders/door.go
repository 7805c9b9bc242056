package orders

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Door answers HL7 messages with orders. It is safe for concurrent use.
type Door struct {
	DB     *db.DB
	Log    *slog.Logger                    // nil: discarded
	Verify func(tls.ConnectionState) error // the last word on a TLS connection; nil: none
}

// Actor of what a message has done, in the audit trail: with the hospital behind it.
const actorHL7 = "hl7:"

// refusal is an answer other than AA.
type refusal struct{ code, reason string }

func (r *refusal) Error() string { return r.code + ": " + r.reason }

func reject(reason string) error { return &refusal{hl7.Reject, reason} }

// Answer takes a message in and gives its acknowledgement. It is an mllp.Server's.
func (d *Door) Answer(ctx context.Context, peer net.Conn, raw []byte) []byte {
	m, err := hl7.Parse(raw)
	code, reason := hl7.Accept, ""
	if err != nil {
		code, reason = hl7.Reject, err.Error()
	} else if err := d.take(ctx, peer, m, raw); err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			d.log().ErrorContext(ctx, "orders: a message was not taken", "peer", address(peer), "error", err)
			r = &refusal{hl7.Reject, "the message cannot be stored now; send it again"}
		}
		code, reason = r.code, r.reason
	}
	if code != hl7.Accept {
		d.log().WarnContext(ctx, "orders: a message was refused", "peer", address(peer), "code", code, "reason", reason)
	}
	out, _ := hl7.Ack(m, code, reason, db.NewID(), db.Now()).Encode() // our texts are ASCII
	return out
}

func (d *Door) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

func address(c net.Conn) string {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return c.RemoteAddr().String()
	}
	return host
}

// take does what a message asks for, once.
func (d *Door) take(ctx context.Context, peer net.Conn, m hl7.Message, raw []byte) error {
	if t, ok := peer.(*tls.Conn); ok && d.Verify != nil {
		if err := d.Verify(t.ConnectionState()); err != nil {
			return reject("the certificate of the caller is not accepted")
		}
	}
	h := m.Segment("MSH")
	if m.ControlID() == "" || len(m.ControlID()) > 199 {
		return reject("MSH-10 is missing or too long")
	}
	sender := h.Text(3) + "^" + h.Text(4)
	f, err := d.hospital(ctx, peer, h.Text(4), h.Text(3))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	digest := hex.EncodeToString(sum[:])
	before, err := answered(ctx, d.DB.Read(ctx), f.ID, sender, m.ControlID(), digest)
	if before != nil || err != nil {
		return first2(err, before)
	}
	now := db.Now()
	failed := d.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		// Another connection may have brought the same message meanwhile.
		if before, err := answered(ctx, tx, f.ID, sender, m.ControlID(), digest); before != nil || err != nil {
			return first2(err, before)
		}
		if err := perform(ctx, tx, f, m, now); err != nil {
			return err
		}
		return keep(ctx, tx, f.ID, sender, m.ControlID(), digest, hl7.Accept, "", now)
	})
	var r *refusal
	if !errors.As(failed, &r) || r.code != hl7.Error {
		return failed
	}
	// What was wrong is kept too: the same message again gets the same answer.
	return first2(d.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return keep(ctx, tx, f.ID, sender, m.ControlID(), digest, r.code, r.reason, now)
	}), failed)
}

// same is the answer that was given before, as an error that leaves nothing to do.
type same struct{ code, reason string }

func (s *same) Error() string { return s.code }

func first2(a, b error) error {
	if a != nil {
		return a
	}
	var s *same
	if errors.As(b, &s) {
		if s.code == hl7.Accept {
			return nil
		}
		return &refusal{s.code, s.reason}
	}
	return b
}

// answered finds the answer a message had before; nil when it is new.
func answered(ctx context.Context, tx db.Tx, facilityID, sender, controlID, digest string) (before, err error) {
	var kept, code, reason string
	err = tx.QueryRowContext(ctx, `SELECT digest, code, reason FROM order_messages WHERE facility_id = $1 AND sender = $2 AND control_id = $3`, facilityID, sender, controlID).Scan(&kept, &code, &reason)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("orders: message: %w", err)
	case kept != digest:
		return reject("MSH-10 was used for another message"), nil
	}
	return &same{code, reason}, nil
}

func keep(ctx context.Context, tx db.Tx, facilityID, sender, controlID, digest, code, reason string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO order_messages (facility_id, sender, control_id, digest, at, code, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
 ON CONFLICT (facility_id, sender, control_id) DO NOTHING`, facilityID, sender, controlID, digest, db.Micros(at), code, reason); err != nil {
		return fmt.Errorf("orders: message: %w", err)
	}
	return nil
}

// hospital finds whose a sender is and whether the connection may speak for it.
func (d *Door) hospital(ctx context.Context, peer net.Conn, names ...string) (worklist.Facility, error) {
	for _, name := range names {
		if name == "" {
			continue
		}
		f, ok, err := worklist.FacilityBySender(ctx, d.DB.Read(ctx), name)
		if err != nil {
			return worklist.Facility{}, err
		}
		if !ok {
			continue
		}
		if !f.AdmitsFrom(address(peer)) {
			return f, reject("the sender may not call from this address")
		}
		if !f.Admits(fingerprint(peer)) {
			return f, reject("the sender must call over TLS with a certificate that is registered for it")
		}
		return f, nil
	}
	return worklist.Facility{}, reject("MSH-4 is not the name of a registered sender")
}

func fingerprint(c net.Conn) string {
	t, ok := c.(*tls.Conn)
	if !ok || len(t.ConnectionState().PeerCertificates) == 0 {
		return ""
	}
	return bcp195.Fingerprint(t.ConnectionState().PeerCertificates[0])
}

// perform does all a message asks for, in one transaction.
func perform(ctx context.Context, tx db.Tx, f worklist.Facility, m hl7.Message, at time.Time) error {
	wishes, err := Wishes(m)
	if err != nil {
		var c *ContentError
		if errors.As(err, &c) && c.Where == "MSH-9" {
			return reject(c.Error())
		}
		return wrong(err)
	}
	for _, w := range wishes {
		if _, err := Do(ctx, tx, f, w, actorHL7+f.ID, at); err != nil {
			return wrong(err)
		}
	}
	return nil
}

// fields are where HL7 has the attributes an order may lack or say wrongly.
var fields = map[string]string{
	"Patient ID": "PID-3", "Patient's Name": "PID-5", "Patient's Birth Date": "PID-7", "Patient's Sex": "PID-8",
	"Accession Number": "OBR-18 (accession number)", "Requested Procedure Description": "OBR-4", "Requested Procedure Code": "OBR-4",
	"Modality": "OBR-24", "Placer Order Number": "ORC-2", "Referring Physician's Name": "ORC-12", "Requested Procedure ID": "OBR-19",
	"Scheduled Procedure Step ID": "OBR-20", "Scheduled Station AE Title": "OBR-21", "Study Instance UID": "ZDS-1",
	"Scheduled Procedure Step Start Date": "TQ1-7", "Scheduled Procedure Step Start Time": "TQ1-7", "Scheduled Performing Physician's Name": "OBR-34",
}

// wrong is AE for what the sender can put right.
func wrong(err error) error {
	var c *ContentError
	var v *order.ValueError
	switch {
	case errors.As(err, &c):
		return &refusal{hl7.Error, c.Error()}
	case errors.As(err, &v):
		where, known := fields[v.Attribute]
		if !known {
			where = v.Attribute
		}
		return &refusal{hl7.Error, where + " " + v.Reason}
	case errors.Is(err, order.ErrExists):
		return &refusal{hl7.Error, "there is an order of this number that says something else; XO changes it"}
	case errors.Is(err, order.ErrCanceled):
		return &refusal{hl7.Error, "the order of this number was canceled; a new one needs a number of its own"}
	case errors.Is(err, order.ErrNotFound):
		return &refusal{hl7.Error, "no order of this number is known"}
	}
	return err
}
