package dimse

import (
	"encoding/binary"
	"fmt"
)

// MaxCommandLength bounds a command set. The largest that means anything is an
// N-GET with some thousand tags.
const MaxCommandLength = 64 << 10

// CommandError is a command set that breaks PS3.7 6.3 or lacks what its
// service needs.
type CommandError struct {
	Message CommandField // 0 when not even that was read
	Element uint16       // of group 0000
	Offset  int          // in the command set
	Reason  string
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%v: (0000,%04X) at byte %d %s", e.Message, e.Element, e.Offset, e.Reason)
}

// Decode reads a command set, PS3.7 6.3.1, and says whether a data set follows.
// Elements that the message does not have are skipped, and so is the group
// length, which peers get wrong. A request of an unknown kind is an *UnknownRQ.
func Decode(src []byte) (m Message, dataSet bool, err error) {
	if len(src) > MaxCommandLength {
		return nil, false, &CommandError{Reason: fmt.Sprintf("command set of %d bytes", len(src))}
	}
	set, err := decodeElements(src)
	if err != nil {
		return nil, false, err
	}
	w := walker{reading: true, set: set}
	var field, kind uint16
	w.us(commandField, &field, required)
	w.message = CommandField(field)
	w.us(commandDataSetType, &kind, required)
	if w.err != nil {
		return nil, false, w.err
	}
	if m = newMessage(w.message); m == nil {
		if w.message.Response() {
			m = &UnknownRSP{CommandField: w.message}
		} else {
			m = &UnknownRQ{CommandField: w.message}
		}
	}
	if m.elements(&w); w.err != nil {
		return nil, false, w.err
	}
	return m, kind != noDataSet, nil
}

// decodeElements splits implicit VR little endian elements of group 0000.
func decodeElements(src []byte) (map[uint16]value, error) {
	set := make(map[uint16]value, 16)
	for pos := 0; pos < len(src); {
		if len(src)-pos < 8 {
			return nil, &CommandError{Offset: pos, Reason: "element header ends early"}
		}
		group := binary.LittleEndian.Uint16(src[pos:])
		element := binary.LittleEndian.Uint16(src[pos+2:])
		n := binary.LittleEndian.Uint32(src[pos+4:])
		if group != 0 {
			return nil, &CommandError{Offset: pos, Element: element, Reason: fmt.Sprintf("is of group %04X", group)}
		}
		if uint64(n) > uint64(len(src)-pos-8) {
			return nil, &CommandError{Offset: pos + 4, Element: element, Reason: fmt.Sprintf("says %d bytes, %d left", n, len(src)-pos-8)}
		}
		if _, twice := set[element]; twice {
			return nil, &CommandError{Offset: pos, Element: element, Reason: "comes twice"}
		}
		set[element] = value{src[pos+8 : pos+8+int(n)], pos + 8}
		pos += 8 + int(n)
	}
	return set, nil
}

// Append adds the command set of m to dst, group length first and elements in
// order.
func Append(dst []byte, m Message, dataSet bool) ([]byte, error) {
	w := walker{message: m.Field(), dst: append(dst, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0), dataSet: dataSet}
	start := len(w.dst)
	m.elements(&w)
	w.typeBefore(0xFFFF)
	if w.err != nil {
		return dst, w.err
	}
	binary.LittleEndian.PutUint32(w.dst[start-4:], uint32(len(w.dst)-start))
	return w.dst, nil
}
