package dimse

// CGetRQ is the C-GET-RQ message, PS3.7 Table 9.3-6.
type CGetRQ struct {
	AffectedSOPClassUID string
	MessageID           uint16
	Priority            uint16
}

// Field is FieldCGetRQ.
func (*CGetRQ) Field() CommandField { return FieldCGetRQ }

// ID is the Message ID.
func (m *CGetRQ) ID() uint16 { return m.MessageID }

// Response builds the C-GET-RSP to this request.
func (m *CGetRQ) Response(s Status, comment string) Message {
	return &CGetRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment,
	}
}

func (m *CGetRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.us(priority, &m.Priority, optional)
}

// CGetRSP is the C-GET-RSP message, PS3.7 Table 9.3-7.
type CGetRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	OffendingElement          []uint32
	ErrorComment              string
	SubOperations
}

// Field is FieldCGetRSP.
func (*CGetRSP) Field() CommandField { return FieldCGetRSP }

func (m *CGetRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.reason(&m.OffendingElement, &m.ErrorComment)
	m.SubOperations.elements(w)
}
