package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// file numbers objects and remembers where each begins, ISO 32000-1 §7.5.
type file struct {
	buf     bytes.Buffer
	offsets []int
}

// reserve gives an object number away before the object is written.
func (f *file) reserve() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

func (f *file) begin(n int) {
	f.offsets[n-1] = f.buf.Len()
	fmt.Fprintf(&f.buf, "%d 0 obj\n", n)
}

func (f *file) object(n int, body string) {
	f.begin(n)
	f.buf.WriteString(body)
	f.buf.WriteString("\nendobj\n")
}

// stream writes a Flate stream (§7.4.4); extra is put into its dictionary.
func (f *file) stream(n int, extra string, data []byte) error {
	var z bytes.Buffer
	w, err := zlib.NewWriterLevel(&z, zlib.BestCompression)
	if err != nil {
		return err
	}
	if _, err = w.Write(data); err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	f.begin(n)
	fmt.Fprintf(&f.buf, "<< %s /Filter /FlateDecode /Length %d >>\nstream\n", extra, z.Len())
	f.buf.Write(z.Bytes())
	f.buf.WriteString("\nendstream\nendobj\n")
	return nil
}

// finish writes the cross-reference table and trailer (§7.5.4, §7.5.5).
func (f *file) finish(root, info int, id [16]byte) {
	at := f.buf.Len()
	fmt.Fprintf(&f.buf, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, o := range f.offsets {
		fmt.Fprintf(&f.buf, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&f.buf, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets)+1, root, info, id, id, at)
}

// Write writes the file.
func (d *Document) Write(w io.Writer) error {
	f := &file{}
	f.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	catalog, pages, info, metadata := f.reserve(), f.reserve(), f.reserve(), f.reserve()
	fonts, err := d.writeFonts(f)
	if err != nil {
		return err
	}
	images := d.writeImages(f)
	profile := f.reserve()
	if err := f.stream(profile, "/N 3", sRGB()); err != nil {
		return err
	}
	var kids []string
	var numbers []int
	for _, p := range d.pages {
		page, content := f.reserve(), f.reserve()
		numbers = append(numbers, page)
		f.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources << /Font %s%s >> /Contents %d 0 R /StructParents %d /Tabs /S >>",
			pages, num(A4Width), num(A4Height), fonts, images, content, p.number))
		if err := f.stream(content, "", p.body.Bytes()); err != nil {
			return err
		}
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
	}
	f.object(pages, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " ")))
	structure := d.writeStructure(f, numbers)
	f.object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true >> /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) /DestOutputProfile %d 0 R >>] >>",
		pages, metadata, structure, textString(d.info.Language), profile))
	date := d.info.Created.UTC().Format("D:20060102150405Z")
	f.object(info, fmt.Sprintf("<< /Title %s /Author %s /Subject %s /Creator %s /CreationDate (%s) /ModDate (%s) >>",
		textString(d.info.Title), textString(d.info.Author), textString(d.info.Subject), textString(d.info.Creator), date, date))
	d.writeMetadata(f, metadata)
	f.finish(catalog, info, d.info.ID)
	_, err = w.Write(f.buf.Bytes())
	return err
}

// textString is a text string in UTF-16BE with its byte order mark (§7.9.2.2),
// written as hexadecimal so that nothing in it needs escaping.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}
