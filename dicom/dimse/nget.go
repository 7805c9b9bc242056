package dimse

// NGetRQ is the N-GET-RQ message, PS3.7 Table 10.3-3.
type NGetRQ struct {
	RequestedSOPClassUID    string
	MessageID               uint16
	RequestedSOPInstanceUID string
	AttributeIdentifierList []uint32
}

// Field is FieldNGetRQ.
func (*NGetRQ) Field() CommandField { return FieldNGetRQ }

// ID is the Message ID.
func (m *NGetRQ) ID() uint16 { return m.MessageID }

// Response builds the N-GET-RSP to this request.
func (m *NGetRQ) Response(s Status, comment string) Message {
	return &NGetRSP{
		AffectedSOPClassUID: m.RequestedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.RequestedSOPInstanceUID,
	}
}

func (m *NGetRQ) elements(w *walker) {
	w.request(requestedSOPClassUID, &m.RequestedSOPClassUID, &m.MessageID)
	w.uid(requestedSOPInstanceUID, &m.RequestedSOPInstanceUID, required)
	w.tags(attributeIdentifierList, &m.AttributeIdentifierList)
}

// NGetRSP is the N-GET-RSP message, PS3.7 Table 10.3-4.
type NGetRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
	AttributeIdentifierList   []uint32
}

// Field is FieldNGetRSP.
func (*NGetRSP) Field() CommandField { return FieldNGetRSP }

func (m *NGetRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
	w.tags(attributeIdentifierList, &m.AttributeIdentifierList)
}
