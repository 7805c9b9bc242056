package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// sameContent compares two stored files.
func sameContent(a, b io.Reader) (bool, error) {
	x, y := bufio.NewReaderSize(a, 32<<10), bufio.NewReaderSize(b, 32<<10)
	p, q := make([]byte, 4<<10), make([]byte, 4<<10)
	for {
		n, errx := io.ReadFull(x, p)
		m, erry := io.ReadFull(y, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return false, nil
		}
		if errx != nil {
			if errors.Is(errx, io.EOF) || errors.Is(errx, io.ErrUnexpectedEOF) {
				return erry != nil, nil
			}
			return false, errx
		}
	}
}
