package pdu

import "encoding/binary"

// AsyncOperationsWindow is the sub-item of PS3.7 Tables D.3-7 and D.3-8; 0 is
// no limit, and without the item both are 1.
type AsyncOperationsWindow struct{ Invoked, Performed uint16 }

func decodeAsyncOperationsWindow(s *scanner) (*AsyncOperationsWindow, error) {
	s.item = "asynchronous operations window"
	if len(s.src) != 4 {
		return nil, s.fail("%d bytes, must be 4", len(s.src))
	}
	b := s.rest()
	return &AsyncOperationsWindow{binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])}, nil
}

func (w *AsyncOperationsWindow) append(dst []byte) []byte {
	dst = append(dst, itemAsyncOperationsWindow, 0, 0, 4)
	dst = binary.BigEndian.AppendUint16(dst, w.Invoked)
	return binary.BigEndian.AppendUint16(dst, w.Performed)
}
