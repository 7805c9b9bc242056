package dimse

// Message is one of the command sets of PS3.7 9.3 and 10.3.
type Message interface {
	Field() CommandField
	// elements walks the command elements in ascending order of tag: one
	// description serves to read and to write.
	elements(w *walker)
}

// Request is a message that awaits a response.
type Request interface {
	Message
	ID() uint16
	// Response builds the response to this request with a status and, for
	// the log of the peer, an error comment.
	Response(s Status, comment string) Message
}

// newMessage gives an empty message for a field, or nil.
func newMessage(f CommandField) Message {
	switch f {
	case FieldCStoreRQ:
		return new(CStoreRQ)
	case FieldCStoreRSP:
		return new(CStoreRSP)
	case FieldCGetRQ:
		return new(CGetRQ)
	case FieldCGetRSP:
		return new(CGetRSP)
	case FieldCFindRQ:
		return new(CFindRQ)
	case FieldCFindRSP:
		return new(CFindRSP)
	case FieldCMoveRQ:
		return new(CMoveRQ)
	case FieldCMoveRSP:
		return new(CMoveRSP)
	case FieldCEchoRQ:
		return new(CEchoRQ)
	case FieldCEchoRSP:
		return new(CEchoRSP)
	case FieldCCancelRQ:
		return new(CCancelRQ)
	case FieldNEventReportRQ:
		return new(NEventReportRQ)
	case FieldNEventReportRSP:
		return new(NEventReportRSP)
	case FieldNGetRQ:
		return new(NGetRQ)
	case FieldNGetRSP:
		return new(NGetRSP)
	case FieldNSetRQ:
		return new(NSetRQ)
	case FieldNSetRSP:
		return new(NSetRSP)
	case FieldNActionRQ:
		return new(NActionRQ)
	case FieldNActionRSP:
		return new(NActionRSP)
	case FieldNCreateRQ:
		return new(NCreateRQ)
	case FieldNCreateRSP:
		return new(NCreateRSP)
	case FieldNDeleteRQ:
		return new(NDeleteRQ)
	case FieldNDeleteRSP:
		return new(NDeleteRSP)
	}
	return nil
}

// UnknownRQ is a request PS3.7 does not know, kept so that it can be answered
// with UnrecognizedOperation.
type UnknownRQ struct {
	CommandField        CommandField
	AffectedSOPClassUID string
	MessageID           uint16
}

// Field is the field that came.
func (m *UnknownRQ) Field() CommandField { return m.CommandField }

// ID is the Message ID.
func (m *UnknownRQ) ID() uint16 { return m.MessageID }

// Response is the general answer, PS3.7 C.5.23.
func (m *UnknownRQ) Response(s Status, comment string) Message {
	return &UnknownRSP{m.CommandField | 0x8000, m.AffectedSOPClassUID, m.MessageID, s, comment}
}

func (m *UnknownRQ) elements(w *walker) {
	w.uid(affectedSOPClassUID, &m.AffectedSOPClassUID, optional)
	w.field()
	w.us(messageID, &m.MessageID, required)
}

// UnknownRSP is a response without the elements of a particular service.
type UnknownRSP struct {
	CommandField              CommandField
	AffectedSOPClassUID       string
	MessageIDBeingRespondedTo uint16
	Status                    Status
	ErrorComment              string
}

// Field is the field that came.
func (m *UnknownRSP) Field() CommandField { return m.CommandField }

func (m *UnknownRSP) elements(w *walker) {
	w.response(&m.AffectedSOPClassUID, &m.MessageIDBeingRespondedTo, &m.Status)
	w.comment(&m.ErrorComment)
}
