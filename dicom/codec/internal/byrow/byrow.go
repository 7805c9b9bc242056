// Package byrow is what the decoders that give rows while their stream comes have in
// common (codec.RowDecoder): the headers are gathered until they are whole, then each
// piece of the stream goes on to the decoder, until all rows were given or it fails.
package byrow

import (
	"errors"

	"github.com/dokuei/dokuei/dicom/codec"
)

// What precedes the coded data is bounded, and in how many pieces it may come: it is
// read again with each.
const (
	mostHead   = 64 << 10
	mostPieces = 256
)

// State is how far a frame has come. The zero value is ready for Begin.
type State struct {
	Options codec.Options
	Y       int // rows that were given
	config  codec.Config
	head    []byte
	pieces  int  // of head
	begun   bool // the headers are there
	err     error
}

// Begin prepares for a stream.
func (s *State) Begin(opt codec.Options) {
	*s = State{Options: opt, head: s.head[:0]}
}

// Config is what the headers say of the frame, once a row was given.
func (s *State) Config() codec.Config { return s.config }

// Done tells whether all rows were given.
func (s *State) Done() bool { return s.begun && s.Y == s.config.Height }

// Write takes the next bytes. Start reads the headers and gives the frame and the number
// of their bytes, or ErrTruncated when there must be more of them; more takes what comes
// behind them. An error is final.
func (s *State) Write(p []byte, start func(head []byte) (codec.Config, int, error), more func(p []byte) error) error {
	if s.err != nil || s.Done() {
		return s.err
	}
	if !s.begun {
		s.head = append(s.head, p...)
		c, n, err := start(s.head)
		if s.pieces++; errors.Is(err, codec.ErrTruncated) && len(s.head) < mostHead && s.pieces < mostPieces {
			return nil // more may come
		}
		if s.err = err; err != nil {
			return err
		}
		s.config, s.begun, p = c, true, s.head[n:]
	}
	s.err = more(p)
	return s.err
}
