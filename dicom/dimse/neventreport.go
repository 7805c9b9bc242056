package dimse

// NEventReportRQ is the N-EVENT-REPORT-RQ message, PS3.7 Table 10.3-1.
type NEventReportRQ struct {
	AffectedSOPClassUID    string
	MessageID              uint16
	AffectedSOPInstanceUID string
	EventTypeID            uint16
}

// Field is FieldNEventReportRQ.
func (*NEventReportRQ) Field() CommandField { return FieldNEventReportRQ }

// ID is the Message ID.
func (m *NEventReportRQ) ID() uint16 { return m.MessageID }

// Response builds the N-EVENT-REPORT-RSP to this request.
func (m *NEventReportRQ) Response(s Status, comment string) Message {
	return &NEventReportRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.AffectedSOPInstanceUID, EventTypeID: &m.EventTypeID,
	}
}

func (m *NEventReportRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.uid(affectedSOPInstanceUID, &m.AffectedSOPInstanceUID, required)
	w.us(eventTypeID, &m.EventTypeID, required)
}

// NEventReportRSP is the N-EVENT-REPORT-RSP message, PS3.7 Table 10.3-2.
type NEventReportRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
	ErrorID                   *uint16
	AffectedSOPInstanceUID    string
	EventTypeID               *uint16
}

// Field is FieldNEventReportRSP.
func (*NEventReportRSP) Field() CommandField { return FieldNEventReportRSP }

func (m *NEventReportRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.outcome(&m.ErrorComment, &m.ErrorID, &m.AffectedSOPInstanceUID)
	w.count(eventTypeID, &m.EventTypeID)
}
