// Package iod fills the modules that every object written for a report shares
// (PS3.3):
//
//	C.7.1.1  Patient, from the hospital's own images
//	C.7.2.1  General Study, C.7.2.2 Patient Study, likewise
//	C.7.5.1  General Equipment
//	C.12.1   SOP Common
//
// Text is UTF-8 (ISO_IR 192) whatever the images used. UIDs are functions of the
// report's identity, so writing a report again writes the same object.
//
// Pure functions; safe for concurrent use.
package iod
