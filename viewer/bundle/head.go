package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/pixel"
)

// Head is the compact description of a series.
type Head struct {
	Series    string     `json:"series"`
	Revision  string     `json:"revision"`
	Instances []Instance `json:"instances"` // in slice order
	// What is said of every frame: that which is the same for all stands in Common,
	// the rest in Frames, by slice. Both have the members of Frame.
	Common map[string]json.RawMessage   `json:"common"`
	Frames []map[string]json.RawMessage `json:"frames"`
	Order  []int                        `json:"order"` // of the frame records, by slice
}

// Instance is an instance of the series.
type Instance struct {
	ID                string `json:"id"`
	SOPInstanceUID    string `json:"sopInstanceUid"`
	Number            int    `json:"number"`
	TransferSyntaxUID string `json:"transferSyntax"` // of the original
}

// Frame is what the head says of a frame.
type Frame struct {
	Instance       int      `json:"instance"` // index into Head.Instances
	Number         int      `json:"number"`   // of the frame in its instance, from 1
	Rows           int      `json:"rows"`
	Columns        int      `json:"columns"`
	Samples        int      `json:"samples"` // once decoded: palettes are RGB
	BitsAllocated  int      `json:"bitsAllocated"`
	BitsStored     int      `json:"bitsStored"`
	Signed         bool     `json:"signed"`
	Photometric    string   `json:"photometric"`
	SliceThickness *float64 `json:"sliceThickness"`
	Presentation
}

// shape says what the frame is once decoded (pixel.Reader.Frame).
func (f *Frame) shape(p pixel.Format) {
	f.Rows, f.Columns, f.Samples, f.BitsAllocated, f.BitsStored = p.Rows, p.Columns, p.Samples, p.BitsAllocated, p.BitsStored
	f.Signed, f.Photometric = p.Signed(), p.Photometric
	if p.Samples == 3 || p.Photometric == pixel.PaletteColor {
		f.Samples, f.BitsAllocated, f.BitsStored, f.Signed, f.Photometric = 3, 8, 8, false, pixel.RGB
	}
}

// describe fills Common and Frames.
func (h *Head) describe(frames []Frame) error {
	h.Frames = make([]map[string]json.RawMessage, len(frames))
	for i, f := range frames {
		raw, err := json.Marshal(f)
		if err == nil {
			err = json.Unmarshal(raw, &h.Frames[i])
		}
		if err != nil {
			return fmt.Errorf("bundle: frame %d: %w", i, err)
		}
	}
	h.Common = map[string]json.RawMessage{}
	if len(frames) == 0 {
		return nil
	}
	for name, value := range h.Frames[0] {
		same := true
		for _, f := range h.Frames[1:] {
			if same = bytes.Equal(f[name], value); !same {
				break
			}
		}
		if same {
			h.Common[name] = value
		}
	}
	for name := range h.Common {
		for _, f := range h.Frames {
			delete(f, name)
		}
	}
	return nil
}

// Frame is what is said of the frame of a slice.
func (h *Head) Frame(slice int) (f Frame, err error) {
	for _, part := range []map[string]json.RawMessage{h.Common, h.Frames[slice]} {
		raw, err := json.Marshal(part)
		if err == nil {
			err = json.Unmarshal(raw, &f)
		}
		if err != nil {
			return f, fmt.Errorf("bundle: frame %d: %w", slice, err)
		}
	}
	return f, nil
}

func (h *Head) record() (Record, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(h); err != nil {
		return Record{}, err
	}
	if err := z.Close(); err != nil {
		return Record{}, err
	}
	return Record{Kind: KindHead, Payload: b.Bytes()}, nil
}

// maxHead bounds the JSON of a head: a million frames fit.
const maxHead = 256 << 20

// ParseHead reads the payload of a head record.
func ParseHead(payload []byte) (*Head, error) {
	z, err := gzip.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("bundle: head: %w", err)
	}
	h := new(Head)
	if err := json.NewDecoder(io.LimitReader(z, maxHead)).Decode(h); err != nil {
		return nil, fmt.Errorf("bundle: head: %w", err)
	}
	for _, n := range h.Order {
		if n < 0 || n >= len(h.Frames) {
			return nil, fmt.Errorf("bundle: head: order names frame %d of %d", n, len(h.Frames))
		}
	}
	return h, nil
}
