package reports

import (
	"image"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/softcopy"
)

// Evidence is one instance the report was written from: an item of the Current
// Requested Procedure Evidence Sequence (PS3.3 C.17.2, Table C.17-3).
type Evidence struct {
	SeriesInstanceUID string
	SOPClassUID       string
	SOPInstanceUID    string
}

// Context is what a writer needs beside the report itself.
type Context struct {
	// Source is the header of one of the hospital's own images of the study. The
	// patient and study modules of every written object are copied from it, so
	// that the hospital's PACS files the object under its own patient.
	Source *dataset.Dataset
	// Evidence lists the study's images.
	Evidence []Evidence
	// Organization prints as the letterhead: who reads.
	Organization Organization
	// Annotations are the marks and key images on those images.
	Annotations Annotations
	// Wanted are the kinds of objects that destinations of the hospital take: what is
	// made on request only is made when it is among them.
	Wanted []string
	// Pictures are those of the key images that can be shown, in their order.
	Pictures []Drawn
}

// Drawn is a key image as a picture.
type Drawn struct {
	KeyImage
	JPEG  []byte          // flipped and turned as it was looked at
	Part  image.Rectangle // of the frame it shows, in columns and rows as marks are
	Marks []Mark          // on the frame
	// Over is the presentation state whose graphics lie over it, Displayed the area that
	// their DISPLAY units are shares of; nil: none.
	Over      *softcopy.State
	Displayed [2][2]float64
}

// Document is one object a writer made, ready to be stored.
type Document struct {
	Object            string // "sr", "enhanced", "pdf", "measurements", "keys"
	SOPClassUID       string
	SOPInstanceUID    string
	SeriesInstanceUID string
	Dataset           *dataset.Dataset
}

// Writer turns a signed report into one DICOM object, or into none: a Document
// without Dataset says that there is nothing to write. It is pure: the same report
// and context give the same bytes.
type Writer interface {
	Write(r *Report, c Context) (Document, error)
}
