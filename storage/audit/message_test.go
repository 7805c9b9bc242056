package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// Hostile text in a record is text in the message.
func TestMessageIsWellFormed(t *testing.T) {
	t.Parallel()
	r := audit.Record{
		Seq: 7, At: time.Date(2026, 4, 1, 0, 0, 0, 5000, time.UTC), Actor: `u"1<x>&`, Action: "session.refused", Object: "a\"><b>", FacilityID: "kaifu",
		Outcome: audit.Failure, Detail: "\x1b[31m</AuditMessage>\n<85>1",
	}
	var b bytes.Buffer
	if err := r.WriteXML(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\n") != 1 || strings.Contains(b.String(), "\x1b") {
		t.Errorf("not one clean line: %q", b.String())
	}
	var m struct {
		Event struct {
			Outcome string `xml:"EventOutcomeIndicator,attr"`
			At      string `xml:"EventDateTime,attr"`
			ID      struct {
				Code string `xml:"csd-code,attr"`
			} `xml:"EventID"`
		} `xml:"EventIdentification"`
		Actor struct {
			ID string `xml:"UserID,attr"`
		} `xml:"ActiveParticipant"`
		Object struct {
			ID string `xml:"ParticipantObjectID,attr"`
		} `xml:"ParticipantObjectIdentification"`
	}
	if err := xml.Unmarshal(b.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m.Event.ID.Code != "110114" || m.Event.Outcome != "8" || m.Actor.ID != r.Actor || m.Object.ID != r.Object || m.Event.At != "2026-04-01T00:00:00.000005Z" {
		t.Errorf("%+v", m)
	}
}

// Messages over one stream are told apart by their lengths alone (RFC 5425 4.3).
func TestSyslogFrames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for n := range 3 {
		r := audit.Record{Seq: int64(n), At: time.Unix(0, 0), Actor: "読影", Action: "study.viewed", Object: "s"}
		if err := r.WriteSyslog(&b, "host"); err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(&b)
	for range 3 {
		var n int
		if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
			t.Fatal(err)
		}
		m := make([]byte, n)
		if _, err := io.ReadFull(in, m); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(m, []byte("<85>1 1970-01-01T00:00:00.000000Z host dokuei ")) || !bytes.HasSuffix(m, []byte("</AuditMessage>")) {
			t.Errorf("message %q", m)
		}
	}
	if in.Buffered() != 0 {
		t.Error("something is left between the messages")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 5)
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at)
			VALUES ('p1', 'kaifu', 'P-1', '', '', '', '', '', 0, 0)`); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: "user-1", Action: "emergency.opened", Object: "p1", FacilityID: "mima"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s    audit.Search
		want int
	}{
		"all": {audit.Search{Limit: 10}, 6}, "page": {audit.Search{Limit: 10, Before: 3}, 2}, "person": {audit.Search{Actor: "user-1", Limit: 10}, 2},
		"patient": {audit.Search{Facility: "kaifu", PatientID: "P-1", Limit: 10}, 1}, "of another hospital": {audit.Search{Facility: "mima", PatientID: "P-1", Limit: 10}, 0},
		"kind": {audit.Search{Action: "study.", Limit: 10}, 5}, "patient and person": {audit.Search{Facility: "kaifu", PatientID: "P-1", Actor: "user-2", Limit: 10}, 0},
		"hospital": {audit.Search{Facility: "mima", Limit: 10}, 1}, "hospital and kind": {audit.Search{Facility: "mima", Action: "study.", Limit: 10}, 0},
	} {
		got, err := audit.Find(t.Context(), d.Read(t.Context()), c.s)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d records, want %d: %v", name, len(got), c.want, err)
		}
	}
}

func decoded(t *testing.T, s string) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
