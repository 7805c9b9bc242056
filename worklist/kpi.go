package worklist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Reads are the studies that were read in a month, for a hospital and modality. A
// study counts once, when its last reading was completed: addenda, corrections and
// canceled items do not count.
type Reads struct {
	Month      string // 2026-11, in Japan
	FacilityID string
	Modality   string
	Studies    int
}

// Speed is how long the studies of a priority took.
type Speed struct {
	Priority      Priority
	Studies       int
	Claim50       time.Duration // from the first item made
	Final50       time.Duration
	Final95       time.Duration
	InTime        int // completed by their deadline
	ByClinicalDay int // completed by the end of the next clinical day
}

// ReaderReads is what a reader has completed.
type ReaderReads struct {
	Reader  string // user
	Studies int
}

// Indicators are the figures of a time.
type Indicators struct {
	From, To time.Time
	Reads    []Reads
	Speeds   []Speed
	Readers  []ReaderReads
}

// maxReads bounds what is looked at: five years of the region.
const maxReads = 200_000

type read struct {
	facility, modality, reader string
	priority                   Priority
	made, claimed, done, due   time.Time
}

// Figures computes the indicators of what was completed between two moments.
func Figures(ctx context.Context, tx db.Tx, from, to time.Time) (Indicators, error) {
	cal, err := Calendar(ctx, tx)
	if err != nil {
		return Indicators{}, err
	}
	list, err := completed(ctx, tx, from, to)
	if err != nil {
		return Indicators{}, err
	}
	out := Indicators{From: from, To: to}
	months, readers := map[Reads]int{}, map[string]int{}
	for _, r := range list {
		months[Reads{Month: r.done.In(calendar.Tokyo).Format("2006-01"), FacilityID: r.facility, Modality: r.modality}]++
		readers[r.reader]++
	}
	for key, n := range months {
		key.Studies = n
		out.Reads = append(out.Reads, key)
	}
	slices.SortFunc(out.Reads, func(a, b Reads) int {
		return strings.Compare(a.Month+"\x00"+a.FacilityID+"\x00"+a.Modality, b.Month+"\x00"+b.FacilityID+"\x00"+b.Modality)
	})
	for id, n := range readers {
		out.Readers = append(out.Readers, ReaderReads{id, n})
	}
	slices.SortFunc(out.Readers, func(a, b ReaderReads) int { return strings.Compare(a.Reader, b.Reader) })
	for _, p := range []Priority{STAT, Urgent, Routine} {
		out.Speeds = append(out.Speeds, speed(p, list, cal))
	}
	return out, nil
}

func speed(p Priority, list []read, cal calendar.Calendar) Speed {
	s := Speed{Priority: p}
	var claims, finals []time.Duration
	for _, r := range list {
		if r.priority != p {
			continue
		}
		s.Studies++
		claims, finals = append(claims, r.claimed.Sub(r.made)), append(finals, r.done.Sub(r.made))
		if !r.done.After(r.due) {
			s.InTime++
		}
		if r.done.Before(cal.NextClinicalDay(r.made).Add(1).Start()) {
			s.ByClinicalDay++
		}
	}
	if s.Studies > 0 {
		slices.Sort(claims)
		slices.Sort(finals)
		s.Claim50, s.Final50, s.Final95 = claims[len(claims)/2], finals[len(finals)/2], finals[len(finals)*95/100]
	}
	return s
}

// completed lists the studies whose last reading was completed in a time.
func completed(ctx context.Context, tx db.Tx, from, to time.Time) ([]read, error) {
	rows, err := tx.QueryContext(ctx, `SELECT w.facility_id, s.modalities, w.claimed_by, w.priority, f.made, w.claimed_at, w.completed_at, w.deadline
 FROM workitems w JOIN studies s ON s.id = w.study_id JOIN (
  SELECT study_id, MIN(created_at) AS made, MAX(CASE WHEN state = 'COMPLETED' AND kind = 'interpretation' AND purpose NOT IN ('correction', 'retraction') THEN completed_at ELSE 0 END) AS done
  FROM workitems WHERE study_id IN (SELECT study_id FROM workitems WHERE state = 'COMPLETED' AND completed_at >= $1 AND completed_at < $2) GROUP BY study_id
 ) f ON f.study_id = w.study_id AND f.done = w.completed_at
 WHERE w.state = 'COMPLETED' AND w.kind = 'interpretation' AND w.purpose NOT IN ('correction', 'retraction') AND w.completed_at >= $1 AND w.completed_at < $2
 ORDER BY w.completed_at, w.id LIMIT $3`, db.Micros(from), db.Micros(to), maxReads)
	if err != nil {
		return nil, fmt.Errorf("worklist: figures: %w", err)
	}
	defer rows.Close()
	var list []read
	for rows.Next() {
		var r read
		var modalities string
		var made, claimed, done, due int64
		if err := rows.Scan(&r.facility, &modalities, &r.reader, &r.priority, &made, &claimed, &done, &due); err != nil {
			return nil, fmt.Errorf("worklist: figures: %w", err)
		}
		r.modality, _, _ = strings.Cut(strings.ReplaceAll(modalities, `\`, ","), ",")
		r.made, r.claimed, r.done, r.due = db.FromMicros(made), db.FromMicros(claimed), db.FromMicros(done), db.FromMicros(due)
		list = append(list, r)
	}
	return list, rows.Err()
}
