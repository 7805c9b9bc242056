package dimse

// NDeleteRQ is the N-DELETE-RQ message, PS3.7 Table 10.3-11.
type NDeleteRQ struct {
	RequestedSOPClassUID    string
	MessageID               uint16
	RequestedSOPInstanceUID string
}

// Field is FieldNDeleteRQ.
func (*NDeleteRQ) Field() CommandField { return FieldNDeleteRQ }

// ID is the Message ID.
func (m *NDeleteRQ) ID() uint16 { return m.MessageID }

// Response builds the N-DELETE-RSP to this request.
func (m *NDeleteRQ) Response(s Status, comment string) Message {
	return &NDeleteRSP{
		AffectedSOPClassUID: m.RequestedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.RequestedSOPInstanceUID,
	}
}

func (m *NDeleteRQ) elements(w *walker) {
	w.request(requestedSOPClassUID, &m.RequestedSOPClassUID, &m.MessageID)
	w.uid(requestedSOPInstanceUID, &m.RequestedSOPInstanceUID, required)
}

// NDeleteRSP is the N-DELETE-RSP message, PS3.7 Table 10.3-12.
type NDeleteRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
}

// Field is FieldNDeleteRSP.
func (*NDeleteRSP) Field() CommandField { return FieldNDeleteRSP }

func (m *NDeleteRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
}
