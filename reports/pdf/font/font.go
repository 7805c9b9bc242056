// Package font holds the typefaces reports are printed in.
//
// IPAexGothic is the main one: all of JIS X 0213 and Windows-31J, even in
// weight, made for documents. It has not got 𠮷 (U+20BB7), which JIS X 0213
// leaves out and thousands of family names have, so VL PGothic stands behind it
// with 3,044 further ideographs. The files are as published; their licences
// stand beside them and must go wherever the files go. Each PDF carries subsets
// of what it uses, which both licences allow.
package font

import "embed"

// IPAexGothic is the unchanged font file. It must not be written to.
//
//go:embed ipaexg.ttf
var IPAexGothic []byte

// VLPGothic is the unchanged font file. It must not be written to.
//
//go:embed VL-PGothic-Regular.ttf
var VLPGothic []byte

// Licenses are the texts of both licences.
//
//go:embed IPA_Font_License_Agreement_v1.0.txt LICENSE_VLGothic.txt
var Licenses embed.FS
