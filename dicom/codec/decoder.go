package codec

// Decoder decodes the frames of one family of transfer syntaxes. It keeps work
// space between calls and so serves one goroutine at a time.
type Decoder interface {
	// DecodeConfig reads the header only.
	DecodeConfig(src []byte) (Config, error)

	// Decode decodes the stream of one frame (its fragments joined, PS3.5
	// §A.4) into dst, reusing dst.Pix. src is not kept. Bytes after the end of
	// the stream are padding and are ignored. A non-nil error is an *Error.
	Decode(dst *Image, src []byte, opt Options) error

	// Work is what the last Decode has done, by and large in samples looked at: the
	// same for the same stream on every machine, so that a bound on it needs no clock.
	Work() int64
}

// Counter counts for [Decoder.Work].
type Counter int64

// Work is the count.
func (c *Counter) Work() int64 { return int64(*c) }

// Did adds n units.
func (c *Counter) Did(n int) { *c += Counter(n) }

// RowDecoder decodes a frame while its stream comes, for codecs that code row by row.
// What it refuses, Decoder may still decode. It serves one goroutine.
type RowDecoder interface {
	// Begin prepares for a stream.
	Begin(Options)
	// Write takes the next bytes of the stream and calls row with each row that they
	// complete, its samples as in Image and good until it returns. An error is final.
	Write(p []byte, row func([]byte)) error
	// Config is that of the frame, once a row was given.
	Config() Config
	// Done tells whether all rows were given.
	Done() bool
}
