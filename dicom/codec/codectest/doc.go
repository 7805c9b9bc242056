// Package codectest holds the suite that every decoder of dicom/codec passes
// (Run) and the comparison with the optional folder of real files (Pixels,
// Streams). It is imported by tests only.
package codectest
