package dimse

// NActionRQ is the N-ACTION-RQ message, PS3.7 Table 10.3-7.
type NActionRQ struct {
	RequestedSOPClassUID    string
	MessageID               uint16
	RequestedSOPInstanceUID string
	ActionTypeID            uint16
}

// Field is FieldNActionRQ.
func (*NActionRQ) Field() CommandField { return FieldNActionRQ }

// ID is the Message ID.
func (m *NActionRQ) ID() uint16 { return m.MessageID }

// Response builds the N-ACTION-RSP to this request.
func (m *NActionRQ) Response(s Status, comment string) Message {
	return &NActionRSP{
		AffectedSOPClassUID: m.RequestedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.RequestedSOPInstanceUID, ActionTypeID: &m.ActionTypeID,
	}
}

func (m *NActionRQ) elements(w *walker) {
	w.request(requestedSOPClassUID, &m.RequestedSOPClassUID, &m.MessageID)
	w.uid(requestedSOPInstanceUID, &m.RequestedSOPInstanceUID, required)
	w.us(actionTypeID, &m.ActionTypeID, required)
}

// NActionRSP is the N-ACTION-RSP message, PS3.7 Table 10.3-8.
type NActionRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
	ActionTypeID              *uint16
}

// Field is FieldNActionRSP.
func (*NActionRSP) Field() CommandField { return FieldNActionRSP }

func (m *NActionRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
	w.count(actionTypeID, &m.ActionTypeID)
}
