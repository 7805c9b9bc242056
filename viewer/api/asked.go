package api

import (
	"crypto/sha256"
	"sync"

	"github.com/dokuei/dokuei/storage/audit"
)

// asked remembers what every account has searched for last.
type asked struct{ last sync.Map } // account and kind of search → SHA-256 of what was typed

// query writes into the audit trail that somebody has searched, not for what, which is
// of a patient. The pages ask a search again whenever what it shows may have changed:
// that is one search.
func (s *server) query(c *call, what, typed string) {
	if typed == "" {
		return
	}
	sum := sha256.Sum256([]byte(typed))
	if before, ok := s.asked.last.Swap(what+" "+c.who.UserID, sum); ok && before == sum {
		return
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "study.queried", FacilityID: c.who.FacilityID, Detail: what})
}
