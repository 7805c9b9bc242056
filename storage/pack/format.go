package pack

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

const (
	fileMagic   = "DKPACK1\n"
	saltSize    = 16
	fileHeader  = len(fileMagic) + saltSize
	recordMagic = "DKPR"
	recordFixed = 20
	idMax       = 128
	valueMax    = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// span is where a value is.
type span struct {
	at     int64
	length int
	check  uint32
}

// appendHeader writes what stands before a value.
func appendHeader(b []byte, id string, length int, check uint32) []byte {
	begin := len(b)
	b = append(b, recordMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(length))
	b = binary.BigEndian.AppendUint32(b, uint32(len(id)))
	b = binary.BigEndian.AppendUint32(b, check)
	sum := crc32.Update(crc32.Checksum(b[begin:], castagnoli), castagnoli, []byte(id))
	b = binary.BigEndian.AppendUint32(b, sum)
	return append(b, id...)
}

// readHeader reads the record that begins at an offset; ok is false when there is
// none that is whole, up to size.
func readHeader(r io.ReaderAt, at, size int64) (id string, s span, ok bool, err error) {
	var b [recordFixed + idMax]byte
	n, err := r.ReadAt(b[:min(int64(len(b)), max(size-at, 0))], at)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", span{}, false, err
	}
	if n < recordFixed || string(b[:len(recordMagic)]) != recordMagic {
		return "", span{}, false, nil
	}
	length, named := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	if named == 0 || named > idMax || int(named) > n-recordFixed || length > valueMax {
		return "", span{}, false, nil
	}
	name := b[recordFixed : recordFixed+named]
	if crc32.Update(crc32.Checksum(b[:16], castagnoli), castagnoli, name) != binary.BigEndian.Uint32(b[16:]) {
		return "", span{}, false, nil
	}
	s = span{at: at + recordFixed + int64(named), length: int(length), check: binary.BigEndian.Uint32(b[12:])}
	return string(name), s, s.end() <= size, nil
}

func (s span) end() int64 { return s.at + int64(s.length) }

// read gives the bytes of a value; ok is false when they are not those put there.
func (s span) read(r io.ReaderAt) (b []byte, ok bool, err error) {
	b = make([]byte, s.length)
	n, err := r.ReadAt(b, s.at)
	if n < len(b) && err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	return b, n == len(b) && crc32.Checksum(b, castagnoli) == s.check, nil
}
