package dimse

// NCreateRQ is the N-CREATE-RQ message, PS3.7 Table 10.3-9.
type NCreateRQ struct {
	AffectedSOPClassUID    string
	MessageID              uint16
	AffectedSOPInstanceUID string
}

// Field is FieldNCreateRQ.
func (*NCreateRQ) Field() CommandField { return FieldNCreateRQ }

// ID is the Message ID.
func (m *NCreateRQ) ID() uint16 { return m.MessageID }

// Response builds the N-CREATE-RSP to this request.
func (m *NCreateRQ) Response(s Status, comment string) Message {
	return &NCreateRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.AffectedSOPInstanceUID,
	}
}

func (m *NCreateRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.uid(affectedSOPInstanceUID, &m.AffectedSOPInstanceUID, optional)
}

// NCreateRSP is the N-CREATE-RSP message, PS3.7 Table 10.3-10.
type NCreateRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
	AttributeIdentifierList   []uint32
}

// Field is FieldNCreateRSP.
func (*NCreateRSP) Field() CommandField { return FieldNCreateRSP }

func (m *NCreateRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
	w.tags(attributeIdentifierList, &m.AttributeIdentifierList)
}
