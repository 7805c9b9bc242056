package jpeg

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
)

// writer makes small DCT streams by the letter of T.81, slowly, for the tests:
// cosines in floating point and one fixed Huffman code for every table.
type writer struct {
	out         []byte
	acc         uint64
	n           uint
	precision   int
	h, v        int // sampling factors of the first component
	restart     int // MCUs
	progressive bool
	separate    bool // a scan per component
	q           int  // every quantizer
}

type plane struct {
	width, height int // samples
	bw, bh        int // blocks, whole MCUs
	coefs         [][64]int
}

// encode codes m and gives also the coefficients.
func (w *writer) encode(m *codec.Image) ([]byte, []plane) {
	hMax, vMax := max(w.h, 1), max(w.v, 1)
	planes := make([]plane, m.Samples)
	for c := range planes {
		h, v := 1, 1
		if c == 0 {
			h, v = hMax, vMax
		}
		planes[c] = w.transform(m, c, hMax/h, vMax/v)
		planes[c].bw, planes[c].bh = ceilDiv(m.Width, 8*hMax)*h, ceilDiv(m.Height, 8*vMax)*v
		planes[c].pad()
	}
	w.out = append(w.out, 0xFF, 0xD8)
	w.segment(0xDB, append([]byte{0}, constant(64, byte(w.q))...))
	sof := []byte{byte(w.precision), byte(m.Height >> 8), byte(m.Height), byte(m.Width >> 8), byte(m.Width), byte(m.Samples)}
	for c := range planes {
		hv := byte(0x11)
		if c == 0 {
			hv = byte(hMax<<4 | vMax)
		}
		sof = append(sof, byte(c+1), hv, 0)
	}
	marker := byte(0xC1)
	if w.progressive {
		marker = 0xC2
	}
	w.segment(marker, sof)
	for class := range byte(2) {
		dht := append([]byte{class << 4}, 0, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0, 0)
		for s := range 256 {
			dht = append(dht, byte(s))
		}
		w.segment(0xC4, dht)
	}
	if w.restart > 0 {
		w.segment(0xDD, binary.BigEndian.AppendUint16(nil, uint16(w.restart)))
	}
	all := make([]int, m.Samples)
	for c := range all {
		all[c] = c
	}
	if !w.progressive {
		if w.separate {
			for c := range all {
				w.scan(planes, []int{c}, 0, 63, 0, 0)
			}
		} else {
			w.scan(planes, all, 0, 63, 0, 0)
		}
	} else {
		w.scan(planes, all, 0, 0, 0, 1)
		for c := range all {
			w.scan(planes, []int{c}, 1, 5, 0, 2)
			w.scan(planes, []int{c}, 6, 63, 0, 2)
			w.scan(planes, []int{c}, 1, 63, 2, 1)
		}
		w.scan(planes, all, 0, 0, 1, 0)
		for c := range all {
			w.scan(planes, []int{c}, 1, 63, 1, 0)
		}
	}
	return append(w.out, 0xFF, 0xD9), planes
}

func constant(n int, v byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = v
	}
	return b
}

func (w *writer) segment(marker byte, p []byte) {
	w.out = append(w.out, 0xFF, marker)
	w.out = binary.BigEndian.AppendUint16(w.out, uint16(len(p)+2))
	w.out = append(w.out, p...)
}

// transform averages component c by dx × dy and takes the cosine transform.
func (w *writer) transform(m *codec.Image, c, dx, dy int) plane {
	p := plane{width: ceilDiv(m.Width, dx), height: ceilDiv(m.Height, dy)}
	at := func(x, y int) float64 {
		x, y = min(x, m.Width-1), min(y, m.Height-1)
		i := (y*m.Width+x)*m.Samples + c
		if m.Precision <= 8 {
			return float64(m.Pix[i])
		}
		return float64(binary.LittleEndian.Uint16(m.Pix[2*i:]))
	}
	bw, bh := ceilDiv(p.width, 8), ceilDiv(p.height, 8)
	for b := range bw * bh {
		var s [64]float64
		for i := range s {
			for j := range dx * dy {
				s[i] += at((b%bw*8+i%8)*dx+j%dx, (b/bw*8+i/8)*dy+j/dx)
			}
			s[i] = s[i]/float64(dx*dy) - float64(int(1)<<(w.precision-1))
		}
		var coefs [64]int
		for k := range coefs {
			sum := 0.0
			for i, v := range s {
				sum += v * basis(i%8, k%8) * basis(i/8, k/8)
			}
			coefs[k] = int(math.Round(sum / float64(w.q)))
		}
		p.coefs = append(p.coefs, coefs)
	}
	return p
}

// pad repeats blocks up to whole MCUs.
func (p *plane) pad() {
	bw, bh := ceilDiv(p.width, 8), ceilDiv(p.height, 8)
	old := p.coefs
	p.coefs = make([][64]int, p.bw*p.bh)
	for i := range p.coefs {
		p.coefs[i] = old[min(i/p.bw, bh-1)*bw+min(i%p.bw, bw-1)]
	}
}

// basis is the factor of T.81 §A.3.3 for sample x and frequency u.
func basis(x, u int) float64 { return basisTable[8*x+u] }

var basisTable = func() (t [64]float64) {
	for i := range t {
		x, u := i/8, i%8
		t[i] = 0.5 * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16)
		if u == 0 {
			t[i] = math.Sqrt(0.125)
		}
	}
	return t
}()

// sample is the exact inverse for one sample of plane p.
func (w *writer) sample(p *plane, x, y int) int {
	sum := 0.0
	for k, v := range p.coefs[y/8*p.bw+x/8] {
		sum += float64(v*w.q) * basis(x%8, k%8) * basis(y%8, k/8)
	}
	return min(max(int(math.Round(sum))+1<<(w.precision-1), 0), 1<<w.precision-1)
}

// reduced is the exact inverse of size points of the lowest frequencies.
func (w *writer) reduced(p *plane, size, x, y int) int {
	at := func(x, u int) float64 {
		v := math.Sqrt(2/float64(size)) * math.Cos(float64(2*x+1)*float64(u)*math.Pi/float64(2*size))
		if u == 0 {
			v /= math.Sqrt2
		}
		return v
	}
	sum := 0.0
	for k, v := range p.coefs[y/size*p.bw+x/size] {
		if k%8 < size && k/8 < size {
			sum += float64(v*w.q) * at(x%size, k%8) * at(y%size, k/8) * float64(size) / 8
		}
	}
	return min(max(int(math.Round(sum))+1<<(w.precision-1), 0), 1<<w.precision-1)
}

func (w *writer) code(s int) {
	if s < 128 {
		w.bits(s, 8)
	} else {
		w.bits(256+s-128, 9)
	}
}

func (w *writer) bits(v int, n uint) {
	w.acc, w.n = w.acc<<n|uint64(v)&(1<<n-1), w.n+n
	for w.n >= 8 {
		b := byte(w.acc >> (w.n - 8))
		w.n -= 8
		if w.out = append(w.out, b); b == 0xFF {
			w.out = append(w.out, 0)
		}
	}
}

func (w *writer) flush() {
	if w.n > 0 {
		w.bits(1<<(8-w.n)-1, 8-w.n)
	}
}

func magnitude(v int) (ssss uint, low int) {
	n := uint(bits.Len(uint(max(v, -v))))
	if v < 0 {
		v--
	}
	return n, v
}

// shift drops al bits: the point transform of DC is an arithmetic shift, that
// of AC a division (§G.1.2.1).
func shift(v, al int) int {
	if v < 0 {
		return -(-v >> al)
	}
	return v >> al
}

func (w *writer) scan(planes []plane, comps []int, ss, se, ah, al int) {
	p := []byte{byte(len(comps))}
	for _, c := range comps {
		p = append(p, byte(c+1), 0)
	}
	w.segment(0xDA, append(p, byte(ss), byte(se), byte(ah<<4|al)))
	first := &planes[comps[0]]
	across, down := ceilDiv(first.width, 8), ceilDiv(first.height, 8)
	if len(comps) > 1 {
		across, down = planes[len(planes)-1].bw, planes[len(planes)-1].bh
	}
	var pred [4]int
	run := 0
	flushRun := func() {
		if run > 0 {
			r := bits.Len(uint(run)) - 1
			w.code(r << 4)
			w.bits(run, uint(r))
			run = 0
		}
	}
	for mcu := range across * down {
		if w.restart > 0 && mcu > 0 && mcu%w.restart == 0 {
			flushRun()
			w.flush()
			w.out = append(w.out, 0xFF, byte(0xD0+(mcu/w.restart-1)%8))
			pred = [4]int{}
		}
		for _, c := range comps {
			pl := &planes[c]
			bx, by := 1, 1
			if len(comps) > 1 {
				bx, by = pl.bw/across, pl.bh/down
			}
			for i := range bx * by {
				coefs := &pl.coefs[(mcu/across*by+i/bx)*pl.bw+mcu%across*bx+i%bx]
				if ss == 0 {
					v := coefs[0] >> al
					if ah > 0 {
						w.bits(v&1, 1)
					} else {
						n, low := magnitude(v - pred[c])
						w.code(int(n))
						w.bits(low, n)
						pred[c] = v
					}
				}
				if se > 0 {
					w.ac(coefs, max(ss, 1), se, ah, al, &run, flushRun)
				}
			}
		}
	}
	flushRun()
	w.flush()
}

// ac codes a band: §F.1.2.2, §G.1.2.2, and §G.1.2.3 with end-of-band runs only
// for the first pass.
func (w *writer) ac(coefs *[64]int, ss, se, ah, al int, run *int, flushRun func()) {
	last := ss - 1 // last coefficient that is new here
	for k := ss; k <= se; k++ {
		if v := shift(coefs[zigzag[k]], al); v != 0 && (ah == 0 || v == 1 || v == -1) {
			last = k
		}
	}
	if last >= ss {
		flushRun()
	}
	r := 0
	var corrections []int
	emit := func() {
		for _, b := range corrections {
			w.bits(b, 1)
		}
		corrections = corrections[:0]
	}
	k := ss
	for ; k <= last; k++ {
		v := shift(coefs[zigzag[k]], al)
		switch {
		case v == 0:
			if r++; r == 16 {
				w.code(0xF0)
				emit()
				r = 0
			}
		case ah > 0 && (v > 1 || v < -1):
			corrections = append(corrections, max(v, -v)&1)
		case ah > 0:
			w.code(r<<4 | 1)
			w.bits((v+1)/2, 1)
			emit()
			r = 0
		default:
			n, low := magnitude(v)
			w.code(r<<4 | int(n))
			w.bits(low, n)
			r = 0
		}
	}
	if last == se {
		return
	}
	if w.progressive && ah == 0 {
		if *run++; *run == 0x7FFF {
			flushRun()
		}
		return
	}
	w.code(0)
	for ; k <= se; k++ {
		if v := shift(coefs[zigzag[k]], al); ah > 0 && v != 0 {
			corrections = append(corrections, max(v, -v)&1)
		}
	}
	emit()
}
