package deident

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"math/big"
	"strings"
	"time"
)

// keyed is the MAC of a text for one purpose: the same value used for two purposes
// has nothing in common.
func (p *Profile) keyed(purpose, text string) []byte {
	h := hmac.New(sha256.New, p.config.Key)
	h.Write([]byte(purpose + "\x00" + text))
	return h.Sum(nil)
}

// dicomRoot is where the UIDs of the standard itself lie (PS3.6 Annex A); those of
// well-known frames of reference among them.
const dicomRoot = "1.2.840.10008."

// UID is what stands for a UID: 2.25 and a number of 128 bits (PS3.5 B.2).
func (p *Profile) UID(u string) string {
	u = strings.Trim(u, " \x00")
	if u == "" || strings.HasPrefix(u, dicomRoot) {
		return u
	}
	mac := p.keyed("uid", u)[:16]
	mac[6], mac[8] = mac[6]&0x0F|0x80, mac[8]&0x3F|0x80 // a UUID of version 8 (RFC 9562)
	return "2.25." + new(big.Int).SetBytes(mac).String()
}

// Subject is what a patient is called in the objects written.
type Subject struct{ Name, ID string }

// pseudonyms leaves out letters that are taken for others.
var pseudonyms = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)

// Subject is the pseudonym of a patient: two groups of four signs for people, unique
// among some ten thousand patients of one key.
func (p *Profile) Subject(patientID, issuer string) Subject {
	s := Pseudonym(p.config.Key, patientID+"\x00"+issuer)
	return Subject{Name: s, ID: s}
}

// Pseudonym is the name that a key gives to whoever text stands for.
func Pseudonym(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("subject\x00" + text))
	s := pseudonyms.EncodeToString(h.Sum(nil))
	return s[:4] + "-" + s[4:8]
}

// shift is by how many days the dates of a patient move: back by 1 to 10 years in
// whole weeks, so that days of the week stay what they were.
func (p *Profile) shift(patientID, issuer string) int {
	n := binary.BigEndian.Uint32(p.keyed("dates", patientID+"\x00"+issuer))
	return -7 * int(53+n%470)
}

// shifted moves a DA or the date of a DT; anything else about it stays. What is no
// date has no place among dates that do not tell who somebody is.
func shifted(v string, days int) string {
	v = strings.TrimSpace(v)
	if len(v) < 8 {
		return ""
	}
	day, err := time.Parse("20060102", v[:8])
	if err != nil {
		return ""
	}
	return day.AddDate(0, 0, days).Format("20060102") + v[8:]
}
