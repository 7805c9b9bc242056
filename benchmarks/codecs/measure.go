package main

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/uid"
)

// repeat is how often a job runs in one turn: the first finds cold caches.
const repeat = 3

// row is what a case cost, means over the frames.
type row struct {
	testCase
	skipped string
	ours    time.Duration
	allocs  float64
	bytes   int // of a frame's samples in memory
	theirs  []figure
}

type figure struct {
	name string
	took time.Duration
	note string // how its result differs
}

// measure takes turns with the peers that are able; ps are all, for frames that only
// one of them can make.
func measure(c testCase, frames []codec.Image, ps, able []*peer, turns int) (row, error) {
	r := row{testCase: c}
	for i := range frames {
		m := frames[i]
		if c.codec == "jpeg8" {
			m = eightBits(&m)
		}
		r.bytes = len(m.Pix)
		var figures []figure
		var err error
		if figures, able, err = r.frame(&m, able, ps, turns); err != nil {
			var no refused
			if errors.As(err, &no) {
				r.skipped = string(no)
				return r, nil
			}
			return r, err
		}
		if r.theirs == nil {
			r.theirs = figures
			continue
		}
		for j := range figures {
			r.theirs[j].took += figures[j].took
			r.theirs[j].note = figures[j].note
		}
	}
	n := time.Duration(len(frames))
	r.ours /= n
	r.allocs /= float64(len(frames))
	for j := range r.theirs {
		r.theirs[j].took /= n
	}
	return r, nil
}

// frame measures one frame: turns of ours and of every peer that is able. It gives
// their figures and which are.
func (r *row) frame(m *codec.Image, able, all []*peer, turns int) ([]figure, []*peer, error) {
	c := &r.testCase
	src, err := c.make(m, all)
	if err != nil {
		return nil, nil, err
	}
	file, err := part10(m, c.syntax, src)
	if err != nil {
		return nil, nil, err
	}
	work, result, err := c.ours(m, src, file)
	if err != nil {
		return nil, nil, err
	}
	if err := work(); err != nil {
		return nil, nil, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := work(); err != nil {
		return nil, nil, err
	}
	runtime.ReadMemStats(&after)
	r.allocs += float64(after.Mallocs - before.Mallocs)

	job, body, asFile := fmt.Sprintf("decode %s %d %d", c.codec, c.reduce, repeat), src, file
	if c.encode {
		job, body = fmt.Sprintf("encode %s %d %d %d %d", c.codec, m.Width, m.Height, m.Precision, repeat), m.Pix
		if asFile, err = part10(m, uid.ExplicitVRLittleEndian, m.Pix); err != nil {
			return nil, nil, err
		}
	}
	ours := time.Duration(1 << 62)
	var figures []figure
	var still []*peer
	for turn := range turns {
		for range repeat {
			begin := processorTime()
			if err := work(); err != nil {
				return nil, nil, err
			}
			ours = min(ours, processorTime()-begin)
		}
		at := 0
		for _, p := range able {
			input := body
			if p.file {
				input = asFile
			}
			took, out, err := p.do(job, input)
			var no refused
			if errors.As(err, &no) {
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			if turn == 0 {
				f := figure{name: p.name, took: took}
				if !c.encode && result != nil {
					f.note = compare(out, result(), codec.BytesPerSample(m.Precision), c.loss)
				}
				figures, still = append(figures, f), append(still, p)
			}
			figures[at].took = min(figures[at].took, took)
			at++
		}
		able = still
	}
	r.ours += ours
	return figures, able, nil
}

// compare says how samples of cell bytes differ, empty when by no more than most.
func compare(theirs, ours []byte, cell, most int) string {
	if bytes.Equal(theirs, ours) {
		return ""
	}
	if len(theirs) != len(ours) {
		return fmt.Sprintf("gave %d bytes, ours are %d", len(theirs), len(ours))
	}
	largest := 0
	for i := 0; i+cell <= len(ours); i += cell {
		a, b := int(theirs[i]), int(ours[i])
		if cell == 2 {
			a, b = a|int(theirs[i+1])<<8, b|int(ours[i+1])<<8
		}
		largest = max(largest, a-b, b-a)
	}
	if largest <= most {
		return ""
	}
	return fmt.Sprintf("differs by %d", largest)
}
