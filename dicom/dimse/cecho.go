package dimse

// CEchoRQ is the C-ECHO-RQ message, PS3.7 Table 9.3-12.
type CEchoRQ struct {
	AffectedSOPClassUID string
	MessageID           uint16
}

// Field is FieldCEchoRQ.
func (*CEchoRQ) Field() CommandField { return FieldCEchoRQ }

// ID is the Message ID.
func (m *CEchoRQ) ID() uint16 { return m.MessageID }

// Response builds the C-ECHO-RSP to this request.
func (m *CEchoRQ) Response(s Status, comment string) Message {
	return &CEchoRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment,
	}
}

func (m *CEchoRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
}

// CEchoRSP is the C-ECHO-RSP message, PS3.7 Table 9.3-13.
type CEchoRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
}

// Field is FieldCEchoRSP.
func (*CEchoRSP) Field() CommandField { return FieldCEchoRSP }

func (m *CEchoRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.comment(&m.ErrorComment)
}
