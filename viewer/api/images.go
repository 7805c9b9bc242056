package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/viewer/preview"
)

type seriesView struct {
	ID          string         `json:"id"`
	Number      int            `json:"number"`
	Modality    string         `json:"modality"`
	Description string         `json:"description"`
	BodyPart    string         `json:"bodyPart"`
	Bundle      *string        `json:"bundle"` // all of it in one answer; null without images
	Instances   []instanceView `json:"instances"`
}

type instanceView struct {
	ID                 string          `json:"id"`
	SOPInstanceUID     string          `json:"sopInstanceUid"`
	SOPClass           string          `json:"sopClass"`
	TransferSyntax     string          `json:"transferSyntax"`
	TransferSyntaxName string          `json:"transferSyntaxName"`
	Number             int             `json:"number"`
	Frames             int             `json:"frames"`
	Rows               int             `json:"rows"`
	Columns            int             `json:"columns"`
	Samples            int             `json:"samples"`
	BitsAllocated      int             `json:"bitsAllocated"`
	BitsStored         int             `json:"bitsStored"`
	Signed             bool            `json:"signed"`
	Photometric        string          `json:"photometric"`
	Slope              *float64        `json:"slope"`
	Intercept          *float64        `json:"intercept"`
	RescaleType        string          `json:"rescaleType,omitempty"`
	Windows            []bundle.Window `json:"windows"`
	Position           []float64       `json:"position"`
	Orientation        []float64       `json:"orientation"`
	PixelSpacing       []float64       `json:"pixelSpacing"`
	ImagerSpacing      []float64       `json:"imagerSpacing"`    // at the detector, of projection images
	AspectRatio        []int           `json:"aspectRatio"`      // of a pixel, vertical and horizontal, of images without spacing
	FrameOfReference   string          `json:"frameOfReference"` // UID; what shares it lies in one space
	FrameTime          *float64        `json:"frameTime"`        // ms from frame to frame
	SliceThickness     *float64        `json:"sliceThickness"`
	PaddingValue       *int            `json:"paddingValue"`
	PaddingLimit       *int            `json:"paddingLimit"`
	Invert             bool            `json:"invert"`    // MONOCHROME1 or Presentation LUT Shape INVERSE
	Elaborate          bool            `json:"elaborate"` // ask /presentation before showing
	Overlays           bool            `json:"overlays"`  // there are planes to draw: ask /overlays
	Laterality         string          `json:"laterality"`
	Displayable        string          `json:"displayable"` // image, document, none, undecodable
	Origin             catalog.Origin  `json:"origin"`
	Title              string          `json:"title,omitempty"`
	Conflict           bool            `json:"conflict"`
	Size               int64           `json:"size"`
	Thumbnail          string          `json:"thumbnail"`
	Scroll             string          `json:"scroll"`
	Preview            string          `json:"preview"`
}

func viewSeries(s catalog.Series) seriesView {
	v := seriesView{ID: s.ID, Number: s.Number, Modality: s.Modality, Description: s.Description, BodyPart: s.BodyPart, Instances: []instanceView{}}
	if b := bundle.SeriesOf(s); !b.Empty() {
		v.Bundle = orNull("/api/v1/series/" + s.ID + "/bundle/" + b.Revision())
	}
	for _, i := range s.Instances {
		v.Instances = append(v.Instances, viewInstance(i))
	}
	return v
}

func viewInstance(i catalog.Instance) instanceView {
	h, base := i.Header, "/api/v1/instances/"+i.ID
	v := instanceView{
		ID: i.ID, SOPInstanceUID: i.SOPInstanceUID, SOPClass: i.SOPClassUID, TransferSyntax: i.TransferSyntaxUID, TransferSyntaxName: uid.Name(i.TransferSyntaxUID),
		Number: i.InstanceNumber, Frames: i.Frames, Rows: i.Rows, Columns: i.Columns,
		Samples: h.Samples, BitsAllocated: h.BitsAllocated, BitsStored: h.BitsStored, Signed: h.Signed, Photometric: h.Photometric,
		Slope: h.Slope, Intercept: h.Intercept, RescaleType: h.RescaleType, Windows: []bundle.Window{},
		Position: h.Position, Orientation: h.Orientation, PixelSpacing: h.PixelSpacing, SliceThickness: h.SliceThickness,
		ImagerSpacing: h.ImagerSpacing, AspectRatio: h.AspectRatio, FrameOfReference: h.FrameOfReferenceUID, FrameTime: h.FrameTime,
		PaddingValue: h.PaddingValue, PaddingLimit: h.PaddingLimit, Elaborate: bundle.Elaborate(i),
		Invert:   bundle.Inverted(h),
		Overlays: h.Overlays, Laterality: h.Laterality, Displayable: i.Displayable(), Origin: i.Origin, Title: h.Title,
		Conflict: i.Conflicts > 0, Size: i.Size, Thumbnail: base + "/thumbnail", Scroll: base + "/scroll", Preview: base + "/preview",
	}
	for _, w := range h.Windows {
		v.Windows = append(v.Windows, bundle.Window{Center: w.Center, Width: w.Width, Explanation: w.Explanation, Function: w.Function})
	}
	if v.Displayable == "image" && !decodable(i.TransferSyntaxUID) {
		v.Displayable = "undecodable"
	}
	return v
}

func decodable(transferSyntax string) bool {
	ts, known := uid.LookupTransferSyntax(transferSyntax)
	if known && !ts.Encapsulated {
		return true
	}
	_, ok := registry.ForTransferSyntax(transferSyntax)
	return ok
}

// instance is the one of the path, within the principal's scope.
func (c *call) instance() (catalog.Instance, error) {
	id, err := c.id()
	if err != nil {
		return catalog.Instance{}, err
	}
	ctx, tx := c.r.Context(), c.DB.Read(c.r.Context())
	i, err := catalog.InstanceByID(ctx, tx, c.scope, id)
	if err != nil || i.Origin == catalog.Received {
		return i, err
	}
	if blind, err := reports.Blind(ctx, tx, c.who, i.StudyID); err != nil || blind {
		if err == nil {
			err = errNotFound
		}
		return catalog.Instance{}, err
	}
	return i, nil
}

// frame answers with the samples of one decoded frame, before any lookup table:
// the page applies window and level itself.
func (s *server) frame(c *call) error {
	n, err := strconv.Atoi(c.r.PathValue("n"))
	if err != nil || n < 1 {
		return errNotFound
	}
	i, err := c.instance()
	if err != nil {
		return err
	}
	if n > max(i.Frames, 1) {
		return errNotFound
	}
	tag := fmt.Sprintf("%s-f%d", i.SHA256, n)
	if c.has(tag) {
		return unchanged(c, tag)
	}
	err = s.Pictures.Frame(c.r.Context(), i.ObjectKey, n-1, func(f *pixel.Frame) error {
		lasting(c, tag)
		h := c.w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("X-Dokuei-Rows", strconv.Itoa(f.Rows))
		h.Set("X-Dokuei-Columns", strconv.Itoa(f.Columns))
		h.Set("X-Dokuei-Samples", strconv.Itoa(f.Samples))
		h.Set("X-Dokuei-Bits", strconv.Itoa(f.BitsAllocated))
		h.Set("X-Dokuei-Signed", strconv.FormatBool(f.Signed))
		h.Set("X-Dokuei-Photometric", f.Photometric)
		_, _ = c.w.Write(f.Pix) // a client that has gone is not told
		return nil
	})
	return brokenFrame(err)
}

// brokenFrame tells a frame nobody here can decode from one that is broken.
func brokenFrame(err error) error {
	if err == nil {
		return nil
	}
	var noDecoder *pixel.NoDecoderError
	var broken *pixel.FrameError
	var format *pixel.FormatError
	var header *stream.FormatError
	switch {
	case errors.As(err, &noDecoder):
		return problem(http.StatusUnsupportedMediaType, "no_decoder", "There is no decoder for this image yet.").with(uid.Name(noDecoder.TransferSyntaxUID))
	case errors.Is(err, pixel.ErrNoPixels):
		return problem(http.StatusUnprocessableEntity, "no_pixels", "This object holds no image.")
	case errors.As(err, &broken), errors.As(err, &format), errors.As(err, &header):
		return problem(http.StatusUnprocessableEntity, "broken_image", "The image is damaged and is not shown.").with(err.Error())
	}
	return err
}

// file answers with the original bytes.
func (s *server) file(c *call) error {
	i, err := c.instance()
	if err != nil {
		return err
	}
	return s.original(c, i)
}

func (s *server) original(c *call, i catalog.Instance) error {
	if done, err := s.disguised(c, i); done || err != nil {
		var refused *dicomweb.Error
		if errors.As(err, &refused) {
			return errDisguise
		}
		return err
	}
	o, err := s.Objects.Open(c.r.Context(), i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "instance.exported", Object: i.ID, FacilityID: i.FacilityID})
	h := c.w.Header()
	h.Set("Content-Type", "application/dicom")
	h.Set("Content-Disposition", `attachment; filename="`+i.ID+`.dcm"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+i.SHA256+`"`)
	http.ServeContent(c.w, c.r, "", i.ReceivedAt, object.Seeker(o))
	return nil
}

func (s *server) thumbnail(c *call) error { return s.picture(c, preview.Thumbnail) }
func (s *server) scroll(c *call) error    { return s.picture(c, preview.Scroll) }
func (s *server) preview(c *call) error   { return s.picture(c, preview.Preview) }

func (s *server) picture(c *call, size preview.Size) error {
	i, err := c.instance()
	if err != nil {
		return err
	}
	tag := fmt.Sprintf("%s-p%d", i.SHA256, size.Pixels())
	if c.has(tag) {
		return unchanged(c, tag)
	}
	p, err := s.Pictures.Get(c.r.Context(), preview.Ref{InstanceID: i.ID, SeriesID: i.SeriesID, ObjectKey: i.ObjectKey}, size)
	if err != nil {
		return err
	}
	if p.Placeholder != "" {
		// What cannot be shown today may be shown by the next version.
		c.w.Header().Set("X-Dokuei-Placeholder", string(p.Placeholder))
		c.w.Header().Set("Cache-Control", "private, max-age=60")
	} else {
		lasting(c, tag)
	}
	c.w.Header().Set("Content-Type", p.ContentType)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(p.Data)))
	_, _ = c.w.Write(p.Data) // a client that has gone is not told
	return nil
}

// has reports whether the browser holds the content of a tag already.
func (c *call) has(tag string) bool {
	return strings.TrimPrefix(c.r.Header.Get("If-None-Match"), "W/") == `"`+tag+`"`
}

// lasting sets the headers of content that never changes under its URL. The
// validator is weak: packed and plain are one content.
func lasting(c *call, tag string) {
	h := c.w.Header()
	h.Set("ETag", `W/"`+tag+`"`)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Add("Vary", "Cookie, Authorization")
}

// unchanged tells the browser to use what it holds.
func unchanged(c *call, tag string) error {
	lasting(c, tag)
	c.w.WriteHeader(http.StatusNotModified)
	return nil
}
