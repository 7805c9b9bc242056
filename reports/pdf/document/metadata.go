package document

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// writeMetadata writes the XMP packet (ISO 32000-1 §14.3.2): the same facts as
// the information dictionary, readable without a PDF parser, hence not
// compressed.
func (d *Document) writeMetadata(f *file, n int) {
	var b bytes.Buffer
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">` +
		`<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>`)
	fmt.Fprintf(&b, `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>`, escaped(d.info.Title))
	fmt.Fprintf(&b, `<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>`, escaped(d.info.Author))
	fmt.Fprintf(&b, `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>`, escaped(d.info.Subject))
	fmt.Fprintf(&b, `<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>`, escaped(d.info.Language))
	date := d.info.Created.UTC().Format(time.RFC3339)
	fmt.Fprintf(&b, `<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate>`, date, date)
	fmt.Fprintf(&b, `<xmp:CreatorTool>%s</xmp:CreatorTool>`, escaped(d.info.Creator))
	b.WriteString("</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	f.begin(n)
	fmt.Fprintf(&f.buf, "<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n", b.Len())
	f.buf.Write(b.Bytes())
	f.buf.WriteString("\nendstream\nendobj\n")
}

func escaped(s string) string {
	var b bytes.Buffer
	// Writing to a bytes.Buffer cannot fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
