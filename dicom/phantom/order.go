package phantom

import (
	"io"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
)

// Order is what a hospital knows of an examination before it is done: who,
// where, when and why. Text may hold any Unicode.
type Order struct {
	PatientID   string
	PatientName string    // PN with its component groups: "Yamada^Taro=山田^太郎=やまだ^たろう"
	BirthDate   time.Time // zero: left empty
	Sex         string    // M, F, O or empty

	AccessionNumber    string
	StudyTime          time.Time // when the scan was made
	Institution        string    // Institution Name (0008,0080)
	ReferringPhysician string    // PN
	Request            string    // why: Reason for the Requested Procedure (0040,1002)
	Procedure          string    // what: Requested Procedure Description (0032,1060), Study Description

	// Specific Character Set (0008,0005); empty means ISO_IR 192. Text that it
	// cannot hold is marked, see dataset.Encode.
	CharacterSet []string

	Seed uint64 // another seed: another person and other UIDs
}

// Study is one generated examination.
type Study struct {
	StudyInstanceUID string
	AccessionNumber  string
	Modality         string // CT or MR
	BodyPart         string // Body Part Examined (0018,0015)
	Description      string
	Instances        []Instance
}

// Instance is one image that is rendered when it is written.
type Instance struct {
	SOPClassUID       string
	SOPInstanceUID    string
	TransferSyntaxUID string // Explicit VR Little Endian
	SeriesInstanceUID string
	SeriesNumber      int
	InstanceNumber    int

	write func(io.Writer) error
}

// WriteTo renders the image and writes its data set, without File Meta
// Information: what a C-STORE carries (PS3.7 9.1.1).
func (i Instance) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	err := i.write(c)
	return c.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Studies makes one study of each kind for the orders given in turn: head CT,
// chest CT, brain MR, and so on from the start.
func Studies(orders ...Order) []Study {
	makers := []func(Order) Study{HeadCT, ChestCT, BrainMR}
	out := make([]Study, 0, len(orders))
	for i, o := range orders {
		out = append(out, makers[i%len(makers)](o))
	}
	return out
}

// name derives a UID that depends on the order alone.
func (o Order) name(parts string) string {
	return uid.FromName("dokuei/phantom", o.PatientID+"\x00"+o.AccessionNumber+"\x00"+o.StudyTime.UTC().Format(time.RFC3339)+
		"\x00"+formatSeed(o.Seed)+"\x00"+parts)
}
