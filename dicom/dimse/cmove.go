package dimse

// CMoveRQ is the C-MOVE-RQ message, PS3.7 Table 9.3-9.
type CMoveRQ struct {
	AffectedSOPClassUID string
	MessageID           uint16
	MoveDestination     string
	Priority            uint16
}

// Field is FieldCMoveRQ.
func (*CMoveRQ) Field() CommandField { return FieldCMoveRQ }

// ID is the Message ID.
func (m *CMoveRQ) ID() uint16 { return m.MessageID }

// Response builds the C-MOVE-RSP to this request.
func (m *CMoveRQ) Response(s Status, comment string) Message {
	return &CMoveRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment,
	}
}

func (m *CMoveRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.ae(moveDestination, &m.MoveDestination, required)
	w.us(priority, &m.Priority, optional)
}

// CMoveRSP is the C-MOVE-RSP message, PS3.7 Table 9.3-10.
type CMoveRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	OffendingElement          []uint32
	ErrorComment              string
	SubOperations
}

// Field is FieldCMoveRSP.
func (*CMoveRSP) Field() CommandField { return FieldCMoveRSP }

func (m *CMoveRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.reason(&m.OffendingElement, &m.ErrorComment)
	m.SubOperations.elements(w)
}
