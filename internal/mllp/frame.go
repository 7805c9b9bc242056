package mllp

import (
	"bufio"
	"errors"
	"io"
)

const (
	startBlock = 0x0b
	endBlock   = 0x1c
	carriage   = 0x0d
)

// Errors of a frame.
var (
	ErrTooLarge = errors.New("mllp: message larger than the limit")
	ErrNoFrame  = errors.New("mllp: the peer sends something else than frames")
)

// maxBetween is how many bytes may stand between two frames: some peers send line
// ends there.
const maxBetween = 1024

// Read reads one frame and gives its message. io.EOF: the peer closed between two
// frames; io.ErrUnexpectedEOF: within one.
func Read(r *bufio.Reader, limit int) ([]byte, error) {
	for skipped := 0; ; skipped++ {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == startBlock {
			break
		}
		if skipped == maxBetween {
			return nil, ErrNoFrame
		}
	}
	var message []byte
	for {
		part, err := r.ReadSlice(endBlock)
		message = append(message, part...)
		if len(message) > limit+1 {
			return nil, ErrTooLarge
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, within(err)
		}
		next, err := r.ReadByte()
		if err != nil {
			return nil, within(err)
		}
		if next == carriage {
			return message[:len(message)-1], nil
		}
		message = append(message, next) // not the end after all
		if next == endBlock {
			message = message[:len(message)-1]
			if err := r.UnreadByte(); err != nil {
				return nil, err
			}
		}
	}
}

func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Write writes one frame in one piece.
func Write(w io.Writer, message []byte) error {
	frame := make([]byte, 0, len(message)+3)
	frame = append(append(append(frame, startBlock), message...), endBlock, carriage)
	_, err := w.Write(frame)
	return err
}
