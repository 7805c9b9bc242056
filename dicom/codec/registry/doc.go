// Package registry maps Transfer Syntax UIDs (PS3.5 §10, PS3.6 Annex A) to the
// decoders of dicom/codec. It holds nothing: every call makes a new Decoder with
// its own work space.
package registry
