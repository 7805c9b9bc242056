// Package dump prints a DICOM file for a person to read: each element with its tag,
// VR, value, length and name, items indented (PS3.5 §7, PS3.10 §7).
//
// The file is streamed, so size does not matter; a malformed one is printed up to where
// it stops making sense, and the error that File then returns says where that is. Text
// is decoded with the character set in force, marked when that took a guess, and
// stripped of control characters. Values are shown as they are, patient data included,
// unless Options.Mask says otherwise: the output is for whoever holds the file and does
// not belong in a log.
//
// Left out: pixels, which are shown by their size, and writing a file back from its
// print.
package dump
