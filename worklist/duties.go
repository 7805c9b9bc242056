package worklist

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Duties knows what readers do at one time, and what they are good at.
type Duties struct {
	profiles map[string]ReaderProfile
	duty     func(userID string) Duty
}

// DutiesAt reads them.
func DutiesAt(ctx context.Context, tx db.Tx, at time.Time) (Duties, error) {
	profiles, err := ReaderProfiles(ctx, tx)
	if err != nil {
		return Duties{}, err
	}
	cal, err := Calendar(ctx, tx)
	if err != nil {
		return Duties{}, err
	}
	shifts, err := Shifts(ctx, tx, at, at.Add(time.Second))
	if err != nil {
		return Duties{}, err
	}
	said, err := Presences(ctx, tx, at)
	if err != nil {
		return Duties{}, err
	}
	return Duties{profiles, func(userID string) Duty {
		var own []Shift
		for _, s := range shifts {
			if s.UserID == userID {
				own = append(own, s)
			}
		}
		return profiles[userID].DutyAt(cal, at, own, said[userID])
	}}, nil
}

// Of is the duty of a reader.
func (d Duties) Of(userID string) Duty { return d.duty(userID) }

// Profile is that of a reader.
func (d Duties) Profile(userID string) ReaderProfile { return d.profiles[userID] }

// Subspecialties are those of a reader.
func (d Duties) Subspecialties(userID string) []string { return d.profiles[userID].Subspecialties }
