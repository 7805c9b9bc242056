package j2k

import "github.com/dokuei/dokuei/dicom/codec"

func (d *Decoder) packetBlockHT(bl *block, index int32, passes int) error {
	return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "HT")
}
func (d *Decoder) decodeBlockHT(c *component, b *block, planes int) error {
	return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "HT")
}
