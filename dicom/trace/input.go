package trace

import (
	"io"
	"iter"
)

// input turns writes into reads: the decoder of a side is a coroutine that pulls bytes
// and is put to rest when there are none. A Write returns when the decoder wants more,
// so nothing is buffered and nothing runs between two writes.
type input struct {
	chunk  []byte
	rest   func(struct{}) bool // false: no more will come
	resume func() (struct{}, bool)
	stop   func()
}

func newInput(decode func(io.Reader)) *input {
	in := &input{}
	in.resume, in.stop = iter.Pull(func(yield func(struct{}) bool) {
		in.rest = yield
		decode(in)
	})
	return in
}

// write hands p to the decoder. What a decoder that has ended gets is dropped.
func (in *input) write(p []byte) {
	in.chunk = p
	in.resume()
	in.chunk = nil
}

// Read implements io.Reader for the decoder.
func (in *input) Read(p []byte) (int, error) {
	for len(in.chunk) == 0 {
		if !in.rest(struct{}{}) {
			in.rest = func(struct{}) bool { return false }
			return 0, io.EOF
		}
	}
	n := copy(p, in.chunk)
	in.chunk = in.chunk[n:]
	return n, nil
}
