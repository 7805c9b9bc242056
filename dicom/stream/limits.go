package stream

// Limits bound what a data set may make its reader do. The zero value of a field
// stands for the default written beside it.
type Limits struct {
	// MaxDepth is the most sequences inside each other (256).
	MaxDepth int
	// MaxElements is the most headers, of elements, items and delimiters (1,048,576).
	MaxElements int
	// MaxHeaderBytes bounds headers and the values taken with Value together; values
	// skipped or read with ValueReader do not count (64 MiB).
	MaxHeaderBytes int64
	// MaxValueBytes is the longest value Value returns (16 MiB).
	MaxValueBytes int64
	// MaxInflate is the most bytes a deflated data set may unfold to (4 GiB).
	MaxInflate int64
	// MaxInflateRatio is the most inflated bytes for each deflated one, looked at after
	// the first 64 MiB, which empty segmentations reach honestly (200).
	MaxInflateRatio int64
}

func (l Limits) withDefaults() Limits {
	if l.MaxDepth <= 0 {
		l.MaxDepth = 256
	}
	if l.MaxElements <= 0 {
		l.MaxElements = 1 << 20
	}
	if l.MaxHeaderBytes <= 0 {
		l.MaxHeaderBytes = 64 << 20
	}
	if l.MaxValueBytes <= 0 {
		l.MaxValueBytes = 16 << 20
	}
	if l.MaxInflate <= 0 {
		l.MaxInflate = 4 << 30
	}
	if l.MaxInflateRatio <= 0 {
		l.MaxInflateRatio = 200
	}
	return l
}
