package dimse

// CStoreRQ is the C-STORE-RQ message, PS3.7 Table 9.3-1.
type CStoreRQ struct {
	AffectedSOPClassUID     string
	MessageID               uint16
	Priority                uint16
	AffectedSOPInstanceUID  string
	MoveOriginatorAE        string
	MoveOriginatorMessageID *uint16
}

// Field is FieldCStoreRQ.
func (*CStoreRQ) Field() CommandField { return FieldCStoreRQ }

// ID is the Message ID.
func (m *CStoreRQ) ID() uint16 { return m.MessageID }

// Response builds the C-STORE-RSP to this request.
func (m *CStoreRQ) Response(s Status, comment string) Message {
	return &CStoreRSP{
		AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: s,
		ErrorComment: comment, AffectedSOPInstanceUID: m.AffectedSOPInstanceUID,
	}
}

func (m *CStoreRQ) elements(w *walker) {
	w.request(affectedSOPClassUID, &m.AffectedSOPClassUID, &m.MessageID)
	w.us(priority, &m.Priority, optional)
	w.uid(affectedSOPInstanceUID, &m.AffectedSOPInstanceUID, required)
	w.ae(moveOriginatorAE, &m.MoveOriginatorAE, optional)
	w.count(moveOriginatorMessageID, &m.MoveOriginatorMessageID)
}

// CStoreRSP is the C-STORE-RSP message, PS3.7 Table 9.3-2.
type CStoreRSP struct {
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	OffendingElement          []uint32
	ErrorComment              string
	AffectedSOPInstanceUID    string
}

// Field is FieldCStoreRSP.
func (*CStoreRSP) Field() CommandField { return FieldCStoreRSP }

func (m *CStoreRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.reason(&m.OffendingElement, &m.ErrorComment)
	w.uid(affectedSOPInstanceUID, &m.AffectedSOPInstanceUID, optional)
}
