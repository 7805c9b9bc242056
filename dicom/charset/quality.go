package charset

// Quality says how far a decoded text can be trusted.
type Quality uint8

const (
	// Exact: every byte was what the declared character sets say.
	Exact Quality = iota
	// Recovered: the label is missing or wrong, or a rule of the standard was broken;
	// the text was read as what it plainly is.
	Recovered
	// Damaged: some bytes mean nothing and are shown as U+FFFD.
	Damaged
)

// String returns the name of q in lower case.
func (q Quality) String() string {
	switch q {
	case Exact:
		return "exact"
	case Recovered:
		return "recovered"
	}
	return "damaged"
}
