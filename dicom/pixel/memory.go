package pixel

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/registry"
)

// Memory is what a Reader decodes in: bytes as they are stored, and decoders with what
// they hold, which is of the order of a frame. It may go from one Reader to another,
// so that frames of many objects are decoded without new memory; the zero value is ready.
type Memory struct {
	raw      []byte
	decoders map[string]codec.Decoder // by transfer syntax
}

// Bytes is the size of the largest stored frame so far.
func (m *Memory) Bytes() int { return cap(m.raw) }

// decoder gives the decoder of a transfer syntax, nil when there is none.
func (m *Memory) decoder(transferSyntaxUID string) codec.Decoder {
	if d := m.decoders[transferSyntaxUID]; d != nil {
		return d
	}
	d, ok := registry.ForTransferSyntax(transferSyntaxUID)
	if !ok {
		return nil
	}
	if m.decoders == nil {
		m.decoders = map[string]codec.Decoder{}
	}
	m.decoders[transferSyntaxUID] = d
	return d
}

// Use makes r decode in m, nobody else's meanwhile, or in memory of its own again when m
// is nil. What r gave before stays good as long as its owner leaves m alone.
func (r *Reader) Use(m *Memory) {
	if m == nil {
		m = &r.own
	}
	r.memory = m
}
