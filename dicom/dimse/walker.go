package dimse

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The command elements of PS3.7 Table E.1-1, by element number in group 0000.
const (
	groupLength               = 0x0000
	affectedSOPClassUID       = 0x0002
	requestedSOPClassUID      = 0x0003
	commandField              = 0x0100
	messageID                 = 0x0110
	messageIDBeingRespondedTo = 0x0120
	moveDestination           = 0x0600
	priority                  = 0x0700
	commandDataSetType        = 0x0800
	status                    = 0x0900
	offendingElement          = 0x0901
	errorComment              = 0x0902
	errorID                   = 0x0903
	affectedSOPInstanceUID    = 0x1000
	requestedSOPInstanceUID   = 0x1001
	eventTypeID               = 0x1002
	attributeIdentifierList   = 0x1005
	actionTypeID              = 0x1008
	remainingSubOperations    = 0x1020
	completedSubOperations    = 0x1021
	failedSubOperations       = 0x1022
	warningSubOperations      = 0x1023
	moveOriginatorAE          = 0x1030
	moveOriginatorMessageID   = 0x1031
)

// noDataSet is the Command Data Set Type that says none follows; any other
// value says one does (PS3.7 Table E.1-1).
const noDataSet = 0x0101

type presence bool

const (
	required presence = true
	optional presence = false
)

// walker visits the elements of a message, reading or writing them.
type walker struct {
	message CommandField
	err     error

	reading bool
	set     map[uint16]value

	dst     []byte
	dataSet bool
	typed   bool // Command Data Set Type written
}

type value struct {
	bytes  []byte
	offset int
}

func (w *walker) fail(element uint16, offset int, reason string, args ...any) {
	if w.err == nil {
		w.err = &CommandError{w.message, element, offset, fmt.Sprintf(reason, args...)}
	}
}

// get gives a value that was read.
func (w *walker) get(element uint16, p presence) ([]byte, bool) {
	v, ok := w.set[element]
	if !ok && p == required {
		w.fail(element, 0, "is missing")
	}
	return v.bytes, ok
}

// put writes an element in implicit VR little endian (PS3.7 6.3.1), padded to
// an even length.
func (w *walker) put(element uint16, v []byte, pad byte) {
	w.typeBefore(element)
	n := len(v) + len(v)&1
	w.dst = append(w.dst, 0, 0)
	w.dst = binary.LittleEndian.AppendUint16(w.dst, element)
	w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(n))
	if w.dst = append(w.dst, v...); n > len(v) {
		w.dst = append(w.dst, pad)
	}
}

// typeBefore writes (0000,0800) when its place in the order has come.
func (w *walker) typeBefore(element uint16) {
	if w.typed || element <= commandDataSetType {
		return
	}
	w.typed = true
	v := uint16(noDataSet)
	if w.dataSet {
		v = 0x0001
	}
	w.put(commandDataSetType, binary.LittleEndian.AppendUint16(nil, v), 0)
}

// field stands for the Command Field itself.
func (w *walker) field() {
	if !w.reading {
		w.put(commandField, binary.LittleEndian.AppendUint16(nil, uint16(w.message)), 0)
	}
}

func (w *walker) text(element uint16, v *string, p presence, limit int, pad byte) {
	if w.reading {
		if b, ok := w.get(element, p); ok {
			if *v = strings.Trim(string(b), "\x00 "); len(*v) > limit {
				w.fail(element, w.set[element].offset, "%d characters, at most %d", len(*v), limit)
			}
		}
		return
	}
	switch {
	case *v == "" && p == optional:
	case *v == "":
		w.fail(element, 0, "is empty")
	case len(*v) > limit:
		w.fail(element, 0, "%d characters, at most %d", len(*v), limit)
	default:
		w.put(element, []byte(*v), pad)
	}
}

// uid is a value of VR UI. Real peers send more than 64 characters: what to
// think of them is the service's business, which answers with a status.
func (w *walker) uid(element uint16, v *string, p presence) { w.text(element, v, p, 128, 0) }

// ae is a value of VR AE.
func (w *walker) ae(element uint16, v *string, p presence) { w.text(element, v, p, 16, ' ') }

func (w *walker) us(element uint16, v *uint16, p presence) {
	if !w.reading {
		w.put(element, binary.LittleEndian.AppendUint16(nil, *v), 0)
		return
	}
	b, ok := w.get(element, p)
	if !ok {
		return
	}
	if len(b) != 2 {
		w.fail(element, w.set[element].offset, "%d bytes, must be 2", len(b))
		return
	}
	*v = binary.LittleEndian.Uint16(b)
}

// count is an optional US: nil when absent.
func (w *walker) count(element uint16, v **uint16) {
	if w.reading {
		if _, ok := w.set[element]; ok {
			*v = new(uint16)
			w.us(element, *v, optional)
		}
		return
	}
	if *v != nil {
		w.us(element, *v, optional)
	}
}

// request visits the elements every request begins with. The class is the
// affected one in a C- service, N-CREATE and N-EVENT-REPORT, else the requested.
func (w *walker) request(class uint16, sopClass *string, id *uint16) {
	w.uid(class, sopClass, required)
	w.field()
	w.us(messageID, id, required)
}

// response visits the elements every response begins with. Peers leave out the
// class.
func (w *walker) response(sopClass *string, id *uint16, s *Status) {
	w.uid(affectedSOPClassUID, sopClass, optional)
	w.field()
	w.us(messageIDBeingRespondedTo, id, required)
	w.us(status, (*uint16)(s), required)
}

// reason visits what a composite service says besides a status, PS3.7 C.
func (w *walker) reason(offending *[]uint32, comment *string) {
	w.tags(offendingElement, offending)
	w.comment(comment)
}

// outcome visits what every normalized response holds after its status, PS3.7
// 10.3.
func (w *walker) outcome(comment *string, id **uint16, instance *string) {
	w.comment(comment)
	w.count(errorID, id)
	w.uid(affectedSOPInstanceUID, instance, optional)
}

// comment is Error Comment (0000,0902), LO. It is cut, not refused: 64
// characters are the limit and nothing depends on it.
func (w *walker) comment(v *string) {
	if !w.reading && len(*v) > 64 {
		cut := strings.ToValidUTF8((*v)[:64], "")
		v = &cut
	}
	w.text(errorComment, v, optional, 1024, ' ')
}

// tags is a value of VR AT, 1-n.
func (w *walker) tags(element uint16, v *[]uint32) {
	if !w.reading {
		if len(*v) == 0 {
			return
		}
		var b []byte
		for _, t := range *v {
			b = binary.LittleEndian.AppendUint16(b, uint16(t>>16))
			b = binary.LittleEndian.AppendUint16(b, uint16(t))
		}
		w.put(element, b, 0)
		return
	}
	b, ok := w.get(element, optional)
	if !ok {
		return
	}
	if len(b)%4 != 0 {
		w.fail(element, w.set[element].offset, "%d bytes, must be a multiple of 4", len(b))
		return
	}
	for ; len(b) > 0; b = b[4:] {
		*v = append(*v, uint32(binary.LittleEndian.Uint16(b))<<16|uint32(binary.LittleEndian.Uint16(b[2:])))
	}
}
