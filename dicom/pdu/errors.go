package pdu

import "fmt"

// FormatError is a PDU that breaks PS3.8 9.3 or PS3.7 D.3.3.
type FormatError struct {
	PDU    Type   // 0 when not even the type was read
	Item   string // the item or field, in the standard's words
	Offset int    // from the first byte of the PDU
	Reason string
	// AbortReason is the Reason/Diag for the A-ABORT that answers it, PS3.8
	// Table 9-26; zero stands for ReasonInvalidParameter.
	AbortReason byte
}

// Error names the PDU, the item and the byte.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%v: %s at byte %d: %s", e.PDU, e.Item, e.Offset, e.Reason)
}

// EncodeError is a value that has no encoding.
type EncodeError struct {
	Item   string
	Reason string
}

func (e *EncodeError) Error() string { return "encode " + e.Item + ": " + e.Reason }
