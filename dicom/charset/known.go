package charset

// Known reports whether every value of a Specific Character Set is one that can be
// read and written: what a peer may be answered in.
func Known(specificCharacterSet []string) bool {
	return !NewDecoder(specificCharacterSet).unknown
}
