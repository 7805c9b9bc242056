package dicomweb

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/viewer/preview"
)

// mostFrames bounds the list of one request.
const mostFrames = 4096

// numbers reads a list of frames, from 1, each within the instance; "" is all of them.
func numbers(list string, frames int) ([]int, error) {
	var out []int
	if list == "" {
		if frames > mostFrames {
			return nil, refuse(http.StatusRequestEntityTooLarge, "at most %d frames at once: name them", mostFrames)
		}
		for n := range max(frames, 1) {
			out = append(out, n)
		}
		return out, nil
	}
	for one := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseUint(one, 10, 31)
		if err != nil || n == 0 {
			return nil, refuse(http.StatusBadRequest, "frames are numbers from 1, separated by commas")
		}
		if int(n) > max(frames, 1) {
			return nil, catalog.ErrNotFound
		}
		if out = append(out, int(n)-1); len(out) > mostFrames {
			return nil, refuse(http.StatusRequestEntityTooLarge, "at most %d frames at once", mostFrames)
		}
	}
	return out, nil
}

// frames answers with frames of an instance (PS3.18 §10.4.1.1.6). Without a list they are
// all of them: the address that the metadata give for the pixel data (§10.4.1.1.4).
func (s *Server) frames(q *Request) error {
	i, err := s.one(q)
	if err != nil {
		return err
	}
	list, err := numbers(q.R.PathValue("frames"), i.Frames)
	if err != nil {
		return err
	}
	f, ok := frameForm(accepted(q.R), i.TransferSyntaxUID)
	if !ok {
		return refuse(http.StatusNotAcceptable, "frames come as application/octet-stream, image/jphc or, as they are stored, %s", i.TransferSyntaxUID)
	}
	if !f.multipart && len(list) > 1 {
		return refuse(http.StatusNotAcceptable, "several frames come as multipart/related")
	}
	if q.lasting(fmt.Sprintf("%s-f%s-%s-%t", i.SHA256[:32], q.R.PathValue("frames"), f.syntax, f.multipart)) {
		return nil
	}
	o, err := s.Pictures.Open(q.R.Context(), i.ObjectKey)
	if err != nil {
		q.unlasting()
		return fault(err)
	}
	defer o.Close()
	if f.stored && !f.multipart && q.R.Header.Get("Range") == "" {
		if file := o.EncodedFile(list[0]); file != nil {
			length := file.Length()
			q.W.Header().Set("Content-Type", f.kind+"; transfer-syntax="+f.syntax)
			q.W.Header().Set("Content-Length", strconv.FormatInt(length, 10))
			q.W.Header().Set("Accept-Ranges", "bytes")
			q.patience(length)
			_, _ = file.WriteTo(q.W) // a client that has gone is not told
			return nil
		}
	}
	var out *related
	for _, n := range list {
		err := coded(q, o, n, f, func(b []byte) error {
			kind := f.kind + "; transfer-syntax=" + f.syntax
			if !f.multipart {
				q.W.Header().Set("Content-Type", kind)
				q.patience(int64(len(b)))
				// A range of a code-stream is a picture too: the first bytes of HTJ2K are a
				// smaller one.
				http.ServeContent(q.W, q.R, "", time.Time{}, bytes.NewReader(b))
				return nil
			}
			if out == nil {
				out = newRelated(q, f.kind)
			}
			w, err := out.part(kind, q.instanceAt(i)+"/frames/"+strconv.Itoa(n+1), int64(len(b)))
			if err == nil {
				_, err = w.Write(b)
			}
			return err
		})
		switch {
		case err != nil && out != nil:
			return out.abort(err)
		case err != nil:
			q.unlasting()
			return fault(err)
		}
	}
	if out != nil {
		if err := out.w.Close(); err != nil {
			return out.abort(err)
		}
	}
	return nil
}

// coded gives fn frame n in a form.
func coded(q *Request, o *preview.Original, n int, f form, fn func([]byte) error) error {
	ctx := q.R.Context()
	if f.stored {
		b, err := o.Encoded(ctx, n)
		if err != nil {
			return err
		}
		return fn(b)
	}
	if f.kind == jphcType {
		return o.Frame(ctx, n, func(m *pixel.Frame) error {
			image := codec.Image{Config: codec.Config{Width: m.Columns, Height: m.Rows, Samples: m.Samples, Precision: m.BitsStored, Signed: m.Signed}, Pix: m.Pix}
			if m.Samples == 3 {
				image.Color = codec.ColorRGB
			}
			if m.CellBytes() == 2 && m.BitsStored <= 8 {
				image.Precision = 9
			}
			b, err := new(htj2k.Encoder).Encode(nil, &image)
			if err != nil {
				return refuse(http.StatusNotAcceptable, "frame %d cannot be coded as %s", n+1, f.kind)
			}
			return fn(b)
		})
	}
	decode := o.Frame
	switch o.Format().Photometric {
	case pixel.Monochrome1, pixel.Monochrome2, pixel.PaletteColor, pixel.RGB: // as the metadata say
		decode = o.Stored
	}
	return decode(ctx, n, func(m *pixel.Frame) error {
		if m.BitsAllocated == 1 {
			return fn(packed(m.Pix))
		}
		return fn(m.Pix)
	})
}

// packed puts samples of one bit into bytes, the first into the lowest bit (PS3.5
// §8.1.1).
func packed(pix []byte) []byte {
	out := make([]byte, (len(pix)+7)/8)
	for i, v := range pix {
		out[i/8] |= v & 1 << (i % 8)
	}
	return out
}

// fault answers for an object that cannot be shown.
func fault(err error) error {
	why, _, broken := preview.Fault(err)
	var header *stream.FormatError
	switch {
	case errors.Is(err, preview.ErrMasked):
		return refuse(http.StatusNotAcceptable, "a part of the frame is masked: ask for it decoded (application/octet-stream)")
	case broken && why == preview.NoDecoder:
		return refuse(http.StatusNotAcceptable, "there is no decoder for the transfer syntax; ask for the frames as they are stored (transfer-syntax=*)")
	case broken && why == preview.NoPixels:
		return refuse(http.StatusNotFound, "the object holds no image")
	case broken, errors.As(err, &header):
		return refuse(http.StatusConflict, "the image is damaged")
	}
	return err
}

// rendered answers with a picture of a frame (PS3.18 §10.4.1.1.3).
func (s *Server) rendered(q *Request) error {
	i, err := s.one(q)
	if err != nil {
		return err
	}
	n := 0
	if list := q.R.PathValue("frames"); list != "" {
		all, err := numbers(list, i.Frames)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			return refuse(http.StatusNotAcceptable, "one frame is rendered at a time")
		}
		n = all[0]
	}
	how, err := renderingOf(q.R.URL.Query())
	if err != nil {
		return err
	}
	if i.SOPClassUID == uid.GrayscaleSoftcopyPresentation {
		return s.presented(q, i, how)
	}
	// The same address gives the same picture of the same bytes, until the program draws
	// otherwise: the hour of picture.
	asked := sha256.Sum256([]byte(q.R.URL.RawQuery))
	return s.picture(q, fmt.Sprintf("%s-r%d-%x", i.SHA256[:32], n, asked[:8]), []string{jpegType, pngType}, func(kind string) ([]byte, error) {
		how.PNG = kind == pngType
		o, err := s.Pictures.Open(q.R.Context(), i.ObjectKey)
		if err != nil {
			return nil, fault(err)
		}
		defer o.Close()
		header, err := q.header(s, i, o.Header())
		if err != nil {
			return nil, err
		}
		how.Lines = how.lines(header)
		b, err := o.Render(q.R.Context(), n, how.Rendering)
		return b, fault(err)
	})
}

// picture answers with a picture of the first kind that the client takes, in the order it
// likes them, or tells it that it has the one of this tag. The first of kinds is the one
// that a range means.
func (s *Server) picture(q *Request, tag string, kinds []string, draw func(kind string) ([]byte, error)) error {
	for _, c := range accepted(q.R) {
		at := slices.IndexFunc(kinds, c.takes)
		if at < 0 {
			continue
		}
		kind := kinds[at]
		if at > 0 {
			tag += "-" + path.Base(kind)
		}
		h := q.W.Header()
		if strings.TrimPrefix(q.R.Header.Get("If-None-Match"), "W/") == `"`+tag+`"` {
			h.Set("ETag", `W/"`+tag+`"`)
			q.W.WriteHeader(http.StatusNotModified)
			return nil
		}
		b, err := draw(kind)
		if err != nil {
			return err
		}
		h.Set("ETag", `W/"`+tag+`"`)
		h.Set("Content-Type", kind)
		h.Set("Content-Length", strconv.Itoa(len(b)))
		h.Set("Cache-Control", "private, max-age=3600")
		h.Add("Vary", "Cookie, Authorization, Accept")
		_, _ = q.W.Write(b) // a client that has gone is not told
		return nil
	}
	return refuse(http.StatusNotAcceptable, "pictures come as %s", strings.Join(kinds, " or "))
}

// thumbnail answers with a small picture of what the path names: of a study or
// series, that of its middle (PS3.18 §10.4.1.1.7).
func (s *Server) thumbnail(q *Request) error {
	list, err := s.instances(q)
	if err != nil {
		return err
	}
	i := list[len(list)/2]
	if q.R.PathValue("frames") != "" {
		if _, err := numbers(q.R.PathValue("frames"), i.Frames); err != nil {
			return err
		}
	}
	return s.picture(q, i.SHA256[:32]+"-t", []string{jpegType}, func(string) ([]byte, error) {
		p, err := s.Pictures.Get(q.R.Context(), preview.Ref{InstanceID: i.ID, SeriesID: i.SeriesID, ObjectKey: i.ObjectKey}, preview.Thumbnail)
		return p.Data, err
	})
}

// rendering is how a frame is asked for.
type rendering struct {
	preview.Rendering
	patient, technique bool // annotation
}

// renderingOf reads viewport, window, quality and annotation (PS3.18 §8.3.5).
func renderingOf(v map[string][]string) (how rendering, err error) {
	first := func(name string) []string {
		if len(v[name]) == 0 {
			return nil
		}
		return strings.Split(v[name][0], ",")
	}
	if p := first("viewport"); p != nil {
		if len(p) < 2 {
			return how, refuse(http.StatusBadRequest, "viewport is width,height")
		}
		for n, side := range []*int{&how.Width, &how.Height} {
			px, err := strconv.ParseFloat(p[n], 64)
			if err != nil || !(px >= 1 && px <= 1<<16) {
				return how, refuse(http.StatusBadRequest, "viewport is width,height in pixels")
			}
			*side = int(px)
		}
	}
	if p := first("window"); p != nil {
		if len(p) < 2 || len(p) > 3 {
			return how, refuse(http.StatusBadRequest, "window is center,width,function")
		}
		w := pixel.Window{}
		var cerr, werr error
		w.Center, cerr = strconv.ParseFloat(p[0], 64)
		w.Width, werr = strconv.ParseFloat(p[1], 64)
		if len(p) == 3 {
			function, known := map[string]string{"linear": pixel.Linear, "linear-exact": pixel.LinearExact, "sigmoid": pixel.Sigmoid}[p[2]]
			if !known {
				return how, refuse(http.StatusBadRequest, "the function of a window is linear, linear-exact or sigmoid")
			}
			w.Function = function
		}
		if errors.Join(cerr, werr) != nil || !w.Valid() {
			return how, refuse(http.StatusBadRequest, "window is center,width,function with a width its function allows")
		}
		how.Window = &w
	}
	for _, one := range first("annotation") {
		switch one {
		case "patient":
			how.patient = true
		case "technique":
			how.technique = true
		default:
			return how, refuse(http.StatusBadRequest, "annotation is patient, technique, or both")
		}
	}
	if p := first("quality"); p != nil {
		n, err := strconv.ParseUint(p[0], 10, 8)
		if err != nil || n < 1 || n > 100 {
			return how, refuse(http.StatusBadRequest, "quality is a number from 1 to 100")
		}
		how.Quality = int(n)
	}
	return how, nil
}
