package jpeg

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// maxScans bounds the work of a progressive frame: encoders use about ten.
const maxScans = 128

// mode is how the blocks of a scan are coded.
type mode uint8

const (
	sequential mode = iota
	dcFirst         // §G.1.2.1
	dcRefine
	acFirst  // §G.1.2.2
	acRefine // §G.1.2.3
)

// scanState is what the block decoders need of a scan.
type scanState struct {
	t81.Scan
	mode   mode
	dc, ac [t81.MaxComponents]*t81.Huffman
}

// scan decodes one scan.
func (d *Decoder) scan(r *t81.Reader, s t81.Segment) error {
	parsed, err := t81.ParseScan(s, &d.frame)
	if err != nil {
		return err
	}
	if d.scans++; d.scans > maxScans {
		return codec.Errorf(codec.ErrLimit, int64(s.Offset), "more than %d scans", maxScans)
	}
	st := scanState{Scan: parsed}
	if err := d.checkScan(&st, int64(s.Offset)); err != nil {
		return err
	}
	if err := d.bindTables(&st, int64(s.Offset)); err != nil {
		return err
	}
	return d.intervals(r, &st)
}

// checkScan decides the mode of a scan and checks that it is due.
func (d *Decoder) checkScan(st *scanState, at int64) error {
	if !d.progressive() {
		for _, c := range st.Components[:st.N] {
			comp := &d.comps[c.Index]
			if comp.done {
				return codec.Errorf(codec.ErrCorrupt, at, "component %d has two scans", c.Index+1)
			}
			comp.done = true
		}
		st.mode = sequential
		return nil
	}
	if st.Ss > st.Se || st.Se > 63 || st.Al > 13 || st.Ss == 0 && st.Se != 0 || st.Ss > 0 && st.N != 1 || st.Ah != 0 && st.Ah != st.Al+1 {
		return codec.Errorf(codec.ErrCorrupt, at, "progressive scan of coefficients %d to %d, bits %d to %d, %d components", st.Ss, st.Se, st.Ah, st.Al, st.N)
	}
	switch {
	case st.Ss == 0 && st.Ah == 0:
		st.mode = dcFirst
	case st.Ss == 0:
		st.mode = dcRefine
	case st.Ah == 0:
		st.mode = acFirst
	default:
		st.mode = acRefine
	}
	for _, c := range st.Components[:st.N] {
		comp := &d.comps[c.Index]
		for k := st.Ss; k <= st.Se; k++ {
			// Each bit of each coefficient comes once, in order (§G.1.1.1).
			due := comp.low[k] == 0
			if st.Ah > 0 {
				due = int(comp.low[k]) == st.Ah+1
			}
			if !due {
				return codec.Errorf(codec.ErrCorrupt, at, "progressive scan out of order at coefficient %d", k)
			}
			comp.low[k] = int8(st.Al + 1)
		}
		if st.Ss == 0 {
			comp.done = true
		}
	}
	return nil
}

// bindTables looks up the tables that the scan uses.
func (d *Decoder) bindTables(st *scanState, at int64) error {
	for i, c := range st.Components[:st.N] {
		needDC := st.mode == sequential || st.mode == dcFirst
		needAC := st.mode == sequential || st.mode == acFirst || st.mode == acRefine
		if c.Td > 3 || c.Ta > 3 || needDC && !d.tables[0][c.Td].Defined || needAC && !d.tables[1][c.Ta].Defined {
			return codec.Errorf(codec.ErrCorrupt, at, "undefined Huffman table %d or %d", c.Td, c.Ta)
		}
		st.dc[i], st.ac[i] = &d.tables[0][c.Td], &d.tables[1][c.Ta]
		comp := &d.comps[c.Index]
		if comp.Tq > 3 || !d.defined[comp.Tq] {
			return codec.Errorf(codec.ErrCorrupt, at, "undefined quantization table %d", comp.Tq)
		}
		if st.mode == sequential || st.mode == dcFirst {
			comp.quant = d.quant[comp.Tq]
		}
	}
	return nil
}

// intervals decodes the restart intervals of a scan (§F.2.1.3, §E.2.4).
func (d *Decoder) intervals(r *t81.Reader, st *scanState) error {
	first := &d.comps[st.Components[0].Index]
	across, down := first.perLine/first.H, first.rows/first.V
	if st.N == 1 { // not interleaved: MCUs are the blocks within the component
		across, down = ceilDiv(first.width, d.size), ceilDiv(first.height, d.size)
	}
	total := across * down
	every := total
	if d.restart > 0 {
		every = d.restart
	}
	for mcu := 0; mcu < total; {
		if mcu > 0 {
			m := byte(t81.RST0 + (mcu/every-1)%8)
			if len(d.src)-r.Pos < 2 {
				return codec.Errorf(codec.ErrTruncated, int64(r.Pos), "no restart marker")
			}
			if d.src[r.Pos+1] != m {
				return codec.Errorf(codec.ErrCorrupt, int64(r.Pos), "marker %#02x in place of %#02x", d.src[r.Pos+1], m)
			}
			r.Pos += 2
		}
		start := r.Pos
		d.data, r.Pos = t81.Unstuff(d.data[:0], d.src, start)
		d.bits = t81.Bits{Data: d.data}
		d.eobRun, d.pred = 0, [t81.MaxComponents]int32{}
		end := min(mcu+every, total)
		if !d.mcus(st, mcu, end, across) {
			kind, reason := codec.ErrCorrupt, "no such Huffman code or too many coefficients"
			if d.bits.Left() < 16 {
				kind, reason = codec.ErrTruncated, "entropy-coded data end before the last block"
			}
			return codec.Errorf(kind, t81.SourceOffset(d.src, start, d.bits.Consumed()/8), "%s", reason)
		}
		if d.bits.Surplus() {
			return codec.Errorf(codec.ErrCorrupt, t81.SourceOffset(d.src, start, d.bits.Consumed()/8), "entropy-coded data go on after the last block")
		}
		mcu = end
	}
	return nil
}

// mcus decodes MCUs from to end-1 (§A.2.2, §A.2.3); false for bad data.
func (d *Decoder) mcus(st *scanState, from, end, across int) bool {
	x, y := from%across, from/across
	for range end - from {
		if st.N == 1 {
			if !d.decodeBlock(st, 0, x, y) {
				return false
			}
		} else {
			for i := range st.N {
				c := &d.comps[st.Components[i].Index]
				for v := range c.V {
					for h := range c.H {
						if !d.decodeBlock(st, i, x*c.H+h, y*c.V+v) {
							return false
						}
					}
				}
			}
		}
		if x++; x == across {
			x, y = 0, y+1
			if d.bits.Left() < 0 {
				return false
			}
		}
	}
	return d.bits.Left() >= 0
}

func (d *Decoder) decodeBlock(st *scanState, i, x, y int) bool {
	c := &d.comps[st.Components[i].Index]
	d.Did(64)
	if st.mode == sequential {
		last, ok := d.sequentialBlock(st.dc[i], st.ac[i], c, i)
		if ok {
			d.reconstruct(c, x, y, last)
		}
		return ok
	}
	at := (y*c.perLine + x) * 64
	coefs := (*[64]int16)(c.coefs[at : at+64])
	switch st.mode {
	case dcFirst:
		diff, ok := d.dcDifference(st.dc[i])
		d.pred[i] += diff
		coefs[0] = int16(d.pred[i] << st.Al)
		return ok
	case dcRefine:
		d.bits.Refill()
		coefs[0] |= int16(d.bits.Acc>>63) << st.Al
		d.bits.Skip(1)
		return true
	case acFirst:
		return d.acFirst(st, coefs)
	default:
		return d.acRefine(st, coefs)
	}
}
