package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/dokuei/dokuei/storage/db"
)

// chain is the hash of r after prev. Fields are length-prefixed, so that no two
// different records have the same encoding.
func (r Record) chain(prev string) string {
	b := make([]byte, 0, 256)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(db.Micros(r.At)))
	for _, s := range []string{prev, r.Actor, r.Action, r.Object, r.FacilityID, r.Outcome, r.Detail} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
