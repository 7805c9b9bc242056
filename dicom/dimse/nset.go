package dimse

// NSetRQ is the N-SET-RQ message, PS3.7 Table 10.3-5.
type NSetRQ struct {
	RequestedSOPClassUID    string
	MessageID               uint16
	RequestedSOPInstanceUID string
}

// Field is FieldNSetRQ.
func (*NSetRQ) Field() CommandField { return FieldNSetRQ }

// ID is the Message ID.
func (m *NSetRQ) ID() uint16 { return m.MessageID }

// Response builds the N-SET-RSP to this request.
func (m *NSetRQ) Response(s Status, comment string) Message {
	return &NSetRSP{
		AffectedSOPClassUID: m.RequestedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.RequestedSOPInstanceUID,
	}
}

func (m *NSetRQ) elements(w *walker) {
	w.request(requestedSOPClassUID, &m.RequestedSOPClassUID, &m.MessageID)
	w.uid(requestedSOPInstanceUID, &m.RequestedSOPInstanceUID, required)
}

// NSetRSP is the N-SET-RSP message, PS3.7 Table 10.3-6.
type NSetRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
	AttributeIdentifierList   []uint32
}

// Field is FieldNSetRSP.
func (*NSetRSP) Field() CommandField { return FieldNSetRSP }

func (m *NSetRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
	w.tags(attributeIdentifierList, &m.AttributeIdentifierList)
}
