package dimse

// CFindRQ is the C-FIND-RQ message, PS3.7 Table 9.3-3.
type CFindRQ struct {
	AffectedSOPClassUID string
	MessageID           uint16
	Priority            uint16
}

// Field is FieldCFindRQ.
func (*CFindRQ) Field() CommandField { return FieldCFindRQ }

// ID is the Message ID.
func (m *CFindRQ) ID() uint16 { return m.MessageID }

// Response builds the C-FIND-RSP to this request.
func (m *CFindRQ) Response(s Status, comment string) Message {
	return &CFindRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment,
	}
}

func (m *CFindRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.us(priority, &m.Priority, optional)
}

// CFindRSP is the C-FIND-RSP message, PS3.7 Table 9.3-4.
type CFindRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	OffendingElement          []uint32
	ErrorComment              string
}

// Field is FieldCFindRSP.
func (*CFindRSP) Field() CommandField { return FieldCFindRSP }

func (m *CFindRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.reason(&m.OffendingElement, &m.ErrorComment)
}
