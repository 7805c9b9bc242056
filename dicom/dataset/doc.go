// Package dataset holds a DICOM data set in memory: the header of an object that came
// in, or a whole object we write (PS3.5 §7, PS3.3 §7 for items in sequences).
//
// Read and ReadHeader build it from a stream.Scanner within its limits. Numbers are
// kept little endian whatever the stream had; text is decoded on each call with the
// Specific Character Set in force at that item (PS3.3 §C.12.1.1.2, inherited from the
// enclosing data set). Encode writes elements in order of tag with even lengths and
// sequences of defined length (PS3.5 §7.1, §7.5); WriteFile puts the file meta
// information before it (PS3.10 §7.1).
//
// Left out: validation against IODs, private dictionaries, and pixel data larger than
// the limits, which stream.PixelData hands on in pieces.
//
// Memory: the values plus about 80 bytes an element. A Dataset may be read by many
// goroutines at once while nobody changes it.
package dataset
