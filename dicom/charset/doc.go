// Package charset turns the bytes of DICOM text into Unicode and back (PS3.5 §6.1,
// PS3.3 §C.12.1.1.2 Tables C.12-2 to C.12-5).
//
// All character sets of the standard are read: the single-byte sets ISO_IR 6, 13, 100,
// 101, 109, 110, 126, 127, 138, 144, 148, 166 and 203, the same with code extensions
// (ISO 2022 IR …), the multi-byte sets ISO 2022 IR 58, 87, 149 and 159, and ISO_IR 192,
// GB18030 and GBK. Code extensions return to the first set at the delimiters ^ = \ CR
// LF FF and HT as §6.1.2.5.3 demands; a byte of a Kanji that has the value of a
// delimiter is none.
//
// Text from the field often carries no label or a wrong one. It is read as what it
// plainly is (Shift-JIS, UTF-8, undeclared escapes, no return before a delimiter) and
// the Quality says so; decoding never fails.
//
// Left out: bidirectional order, and combining Thai or Arabic forms, which are the
// display's.
//
// A Decoder holds no state between calls and is safe for concurrent use. The result
// is the only allocation for plain ASCII.
package charset
