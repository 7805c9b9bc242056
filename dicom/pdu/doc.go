// Package pdu encodes and decodes the protocol data units of the DICOM upper
// layer: the seven PDUs of PS3.8 clause 9.3 and the user information sub-items
// of PS3.7 Annex D.3.3, one file each, named after its table.
//
// A PDU decodes from its body (what follows the six bytes of type and length)
// and appends itself whole, header included, so that it leaves in one write.
// Items of an unknown type are skipped, as PS3.8 9.3.1 demands; items out of
// order are accepted; everything that would read past its parent is an error
// that says where.
//
// Memory: decoders copy what they keep, at most a small multiple of the body,
// whose length the caller bounds by MaxBody before reading it. DataTF is the
// exception: its values alias the source. Values hold no shared state.
//
// Left out: nothing of PS3.8 9.3; of PS3.7 D.3.3 all eight sub-items are here.
package pdu
