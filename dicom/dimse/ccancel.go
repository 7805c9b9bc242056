package dimse

// CCancelRQ is the C-CANCEL-RQ message of C-FIND, C-GET and C-MOVE, PS3.7
// Tables 9.3-5, 9.3-8 and 9.3-11. It has no response of its own.
type CCancelRQ struct{ MessageIDBeingRespondedTo uint16 }

// Field is FieldCCancelRQ.
func (*CCancelRQ) Field() CommandField { return FieldCCancelRQ }

func (m *CCancelRQ) elements(w *walker) {
	w.field()
	w.us(messageIDBeingRespondedTo, &m.MessageIDBeingRespondedTo, required)
}
