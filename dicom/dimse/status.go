package dimse

import "fmt"

// Status is the Status (0000,0900) of a response, PS3.7 Annex C and the
// service-specific tables of PS3.4.
type Status uint16

// General status codes, PS3.7 Annex C, and those of the Storage (PS3.4
// Table B.2-1), Query/Retrieve (PS3.4 Tables C.4-1 to C.4-3) and UPS (PS3.4
// Table CC.2.1-2) service classes.
const (
	Success Status = 0x0000 // PS3.7 C.1.1
	Cancel  Status = 0xFE00 // PS3.7 C.3.1

	Pending        Status = 0xFF00 // PS3.7 C.2.1
	PendingWarning Status = 0xFF01 // PS3.4 C.4.1.1.4: optional keys not supported

	SOPClassNotSupported      Status = 0x0122 // PS3.7 C.5.6
	ClassInstanceConflict     Status = 0x0119 // PS3.7 C.5.7
	DuplicateSOPInstance      Status = 0x0111 // PS3.7 C.5.8
	DuplicateInvocation       Status = 0x0210 // PS3.7 C.5.9
	InvalidArgumentValue      Status = 0x0115 // PS3.7 C.5.10
	InvalidAttributeValue     Status = 0x0106 // PS3.7 C.5.11
	InvalidSOPInstance        Status = 0x0117 // PS3.7 C.5.12: not a UID
	MissingAttribute          Status = 0x0120 // PS3.7 C.5.13
	MissingAttributeValue     Status = 0x0121 // PS3.7 C.5.14
	MistypedArgument          Status = 0x0212 // PS3.7 C.5.15
	NoSuchArgument            Status = 0x0114 // PS3.7 C.5.16
	NoSuchEventType           Status = 0x0113 // PS3.7 C.5.18
	NoSuchSOPInstance         Status = 0x0112 // PS3.7 C.5.19
	NoSuchSOPClass            Status = 0x0118 // PS3.7 C.5.20
	ProcessingFailure         Status = 0x0110 // PS3.7 C.5.21
	ResourceLimitation        Status = 0x0213 // PS3.7 C.5.22
	UnrecognizedOperation     Status = 0x0211 // PS3.7 C.5.23
	NoSuchActionType          Status = 0x0123 // PS3.7 C.5.24
	NotAuthorized             Status = 0x0124 // PS3.7 C.5.25
	NoSuchAttribute           Status = 0x0105 // PS3.7 C.5.26
	AttributeListError        Status = 0x0107 // PS3.7 C.4.2
	AttributeValueOutOfBounds Status = 0x0116 // PS3.7 C.4.3

	OutOfResources            Status = 0xA700 // PS3.4 B.2.3: refused
	OutOfResourcesMatches     Status = 0xA701 // PS3.4 C.4.2.1.5
	OutOfResourcesSubOps      Status = 0xA702 // PS3.4 C.4.2.1.5
	MoveDestinationUnknown    Status = 0xA801 // PS3.4 C.4.2.1.5
	DataSetMismatchesSOPClass Status = 0xA900 // PS3.4 B.2.3: error
	CannotUnderstand          Status = 0xC000 // PS3.4 B.2.3: error
	UnableToProcess           Status = 0xC001 // PS3.4 C.4.1.1.4, K.4.1.1.4
	SubOperationsWarning      Status = 0xB000 // PS3.4 C.4.2.1.5, B.2.3: coercion
	ElementsDiscarded         Status = 0xB006 // PS3.4 B.2.3: warning
	MismatchWarning           Status = 0xB007 // PS3.4 B.2.3: warning

	UPSAlreadyInProgress Status = 0xC302 // PS3.4 CC.2.1.3
)

// Class is the type of a status, PS3.7 Annex C.
type Class uint8

// The types of status of PS3.7 Table C-1.
const (
	ClassSuccess Class = iota
	ClassWarning
	ClassFailure
	ClassCancel
	ClassPending
)

// Class returns the type the code belongs to. The ranges are those of PS3.7
// Annex C: 0xBxxx and three general codes warn, 0xFF00 and 0xFF01 are pending.
func (s Status) Class() Class {
	switch {
	case s == Success:
		return ClassSuccess
	case s == Cancel:
		return ClassCancel
	case s == Pending, s == PendingWarning:
		return ClassPending
	case s == 0x0001, s == AttributeListError, s == AttributeValueOutOfBounds, s>>12 == 0xB:
		return ClassWarning
	default:
		return ClassFailure
	}
}

// Stored says whether a C-STORE with this status was kept by the peer: a
// warning means kept (PS3.4 B.2.3).
func (s Status) Stored() bool { c := s.Class(); return c == ClassSuccess || c == ClassWarning }

// Temporary says whether the same request may succeed later: the refusals for
// want of resources (PS3.4 B.2.3 A7xx, PS3.7 C.5.22).
func (s Status) Temporary() bool { return s>>8 == 0xA7 || s == ResourceLimitation }

// String gives the code in hexadecimal and, where the standard names it, the
// meaning.
func (s Status) String() string {
	if m := s.meaning(); m != "" {
		return fmt.Sprintf("%04X %s", uint16(s), m)
	}
	return fmt.Sprintf("%04X", uint16(s))
}

func (s Status) meaning() string {
	if m, ok := meanings[s]; ok {
		return m
	}
	switch {
	case s>>8 == 0xA7:
		return "refused: out of resources"
	case s>>8 == 0xA9:
		return "error: data set does not match SOP class"
	case s>>12 == 0xC:
		return "error: cannot understand"
	case s>>12 == 0xB:
		return "warning"
	}
	return ""
}

var meanings = map[Status]string{
	Success:                   "success",
	Cancel:                    "canceled",
	Pending:                   "pending",
	PendingWarning:            "pending, optional keys not supported",
	SOPClassNotSupported:      "refused: SOP class not supported",
	ClassInstanceConflict:     "class-instance conflict",
	DuplicateSOPInstance:      "duplicate SOP instance",
	DuplicateInvocation:       "duplicate invocation",
	InvalidArgumentValue:      "invalid argument value",
	InvalidAttributeValue:     "invalid attribute value",
	InvalidSOPInstance:        "invalid SOP instance UID",
	MissingAttribute:          "missing attribute",
	MissingAttributeValue:     "missing attribute value",
	MistypedArgument:          "mistyped argument",
	NoSuchArgument:            "no such argument",
	NoSuchEventType:           "no such event type",
	NoSuchSOPInstance:         "no such SOP instance",
	NoSuchSOPClass:            "no such SOP class",
	ProcessingFailure:         "processing failure",
	ResourceLimitation:        "resource limitation",
	UnrecognizedOperation:     "unrecognized operation",
	NoSuchActionType:          "no such action type",
	NotAuthorized:             "refused: not authorized",
	NoSuchAttribute:           "no such attribute",
	AttributeListError:        "warning: attribute list error",
	AttributeValueOutOfBounds: "warning: attribute value out of range",
	OutOfResources:            "refused: out of resources",
	OutOfResourcesMatches:     "refused: cannot count matches",
	OutOfResourcesSubOps:      "refused: cannot perform sub-operations",
	MoveDestinationUnknown:    "refused: move destination unknown",
	DataSetMismatchesSOPClass: "error: data set does not match SOP class",
	CannotUnderstand:          "error: cannot understand",
	SubOperationsWarning:      "warning",
	ElementsDiscarded:         "warning: elements discarded",
	MismatchWarning:           "warning: data set does not match SOP class",
	UPSAlreadyInProgress:      "refused: already in progress",
}
