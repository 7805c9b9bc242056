package uid

import (
	"slices"
	"sync"
)

// TransferSyntax is one row of PS3.6 Table A-1 with what PS3.5 §10 and Annex A say
// about it.
type TransferSyntax struct {
	UID, Name    string
	ExplicitVR   bool // false only for Implicit VR Little Endian and its kin (PS3.5 §A.1)
	BigEndian    bool // retired (PS3.5 §A.3)
	Deflated     bool // the data set after the file meta group is a deflate stream (PS3.5 §A.5)
	Encapsulated bool // Pixel Data is a sequence of fragments (PS3.5 §A.4)
	Lossy        bool // the syntax permits lossy compression; one object need not have used it
	Retired      bool
}

// The transfer syntaxes of PS3.6 Table A-1.
const (
	ImplicitVRLittleEndian                = "1.2.840.10008.1.2"
	ExplicitVRLittleEndian                = "1.2.840.10008.1.2.1"
	EncapsulatedUncompressed              = "1.2.840.10008.1.2.1.98"
	DeflatedExplicitVRLittleEndian        = "1.2.840.10008.1.2.1.99"
	ExplicitVRBigEndian                   = "1.2.840.10008.1.2.2"
	JPEGBaseline8Bit                      = "1.2.840.10008.1.2.4.50"
	JPEGExtended12Bit                     = "1.2.840.10008.1.2.4.51"
	JPEGExtended35                        = "1.2.840.10008.1.2.4.52"
	JPEGSpectralSelection68               = "1.2.840.10008.1.2.4.53"
	JPEGSpectralSelection79               = "1.2.840.10008.1.2.4.54"
	JPEGFullProgression1012               = "1.2.840.10008.1.2.4.55"
	JPEGFullProgression1113               = "1.2.840.10008.1.2.4.56"
	JPEGLossless                          = "1.2.840.10008.1.2.4.57"
	JPEGLossless15                        = "1.2.840.10008.1.2.4.58"
	JPEGExtendedHierarchical1618          = "1.2.840.10008.1.2.4.59"
	JPEGExtendedHierarchical1719          = "1.2.840.10008.1.2.4.60"
	JPEGSpectralSelectionHierarchical2022 = "1.2.840.10008.1.2.4.61"
	JPEGSpectralSelectionHierarchical2123 = "1.2.840.10008.1.2.4.62"
	JPEGFullProgressionHierarchical2426   = "1.2.840.10008.1.2.4.63"
	JPEGFullProgressionHierarchical2527   = "1.2.840.10008.1.2.4.64"
	JPEGLosslessHierarchical28            = "1.2.840.10008.1.2.4.65"
	JPEGLosslessHierarchical29            = "1.2.840.10008.1.2.4.66"
	JPEGLosslessSV1                       = "1.2.840.10008.1.2.4.70"
	JPEGLSLossless                        = "1.2.840.10008.1.2.4.80"
	JPEGLSNearLossless                    = "1.2.840.10008.1.2.4.81"
	JPEG2000Lossless                      = "1.2.840.10008.1.2.4.90"
	JPEG2000                              = "1.2.840.10008.1.2.4.91"
	JPEG2000MultiComponentLossless        = "1.2.840.10008.1.2.4.92"
	JPEG2000MultiComponent                = "1.2.840.10008.1.2.4.93"
	JPIPReferenced                        = "1.2.840.10008.1.2.4.94"
	JPIPReferencedDeflate                 = "1.2.840.10008.1.2.4.95"
	MPEG2MainProfileMainLevel             = "1.2.840.10008.1.2.4.100"
	MPEG2MainProfileMainLevelFragmentable = "1.2.840.10008.1.2.4.100.1"
	MPEG2MainProfileHighLevel             = "1.2.840.10008.1.2.4.101"
	MPEG2MainProfileHighLevelFragmentable = "1.2.840.10008.1.2.4.101.1"
	MPEG4HighProfile41                    = "1.2.840.10008.1.2.4.102"
	MPEG4HighProfile41Fragmentable        = "1.2.840.10008.1.2.4.102.1"
	MPEG4BDHighProfile41                  = "1.2.840.10008.1.2.4.103"
	MPEG4BDHighProfile41Fragmentable      = "1.2.840.10008.1.2.4.103.1"
	MPEG4HighProfile422D                  = "1.2.840.10008.1.2.4.104"
	MPEG4HighProfile422DFragmentable      = "1.2.840.10008.1.2.4.104.1"
	MPEG4HighProfile423D                  = "1.2.840.10008.1.2.4.105"
	MPEG4HighProfile423DFragmentable      = "1.2.840.10008.1.2.4.105.1"
	MPEG4StereoHighProfile42              = "1.2.840.10008.1.2.4.106"
	MPEG4StereoHighProfile42Fragmentable  = "1.2.840.10008.1.2.4.106.1"
	HEVCMainProfile51                     = "1.2.840.10008.1.2.4.107"
	HEVCMain10Profile51                   = "1.2.840.10008.1.2.4.108"
	JPEGXLLossless                        = "1.2.840.10008.1.2.4.110"
	JPEGXLJPEGRecompression               = "1.2.840.10008.1.2.4.111"
	JPEGXL                                = "1.2.840.10008.1.2.4.112"
	HTJ2KLossless                         = "1.2.840.10008.1.2.4.201"
	HTJ2KLosslessRPCL                     = "1.2.840.10008.1.2.4.202"
	HTJ2K                                 = "1.2.840.10008.1.2.4.203"
	JPIPHTJ2KReferenced                   = "1.2.840.10008.1.2.4.204"
	JPIPHTJ2KReferencedDeflate            = "1.2.840.10008.1.2.4.205"
	RLELossless                           = "1.2.840.10008.1.2.5"
	RFC2557MIME                           = "1.2.840.10008.1.2.6.1"
	XMLEncoding                           = "1.2.840.10008.1.2.6.2"
	SMPTEST211020Progressive              = "1.2.840.10008.1.2.7.1"
	SMPTEST211020Interlaced               = "1.2.840.10008.1.2.7.2"
	SMPTEST211030PCM                      = "1.2.840.10008.1.2.7.3"
	DeflatedImageFrame                    = "1.2.840.10008.1.2.8.1"
	Papyrus3ImplicitVRLittleEndian        = "1.2.840.10008.1.20"
)

// transferSyntaxes lists them in the order of the table.
var transferSyntaxes = []TransferSyntax{
	{UID: ImplicitVRLittleEndian, Name: "Implicit VR Little Endian"},
	{UID: ExplicitVRLittleEndian, Name: "Explicit VR Little Endian", ExplicitVR: true},
	{UID: EncapsulatedUncompressed, Name: "Encapsulated Uncompressed Explicit VR Little Endian", ExplicitVR: true, Encapsulated: true},
	{UID: DeflatedExplicitVRLittleEndian, Name: "Deflated Explicit VR Little Endian", ExplicitVR: true, Deflated: true},
	{UID: ExplicitVRBigEndian, Name: "Explicit VR Big Endian", ExplicitVR: true, BigEndian: true, Retired: true},
	{UID: JPEGBaseline8Bit, Name: "JPEG Baseline (Process 1)", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEGExtended12Bit, Name: "JPEG Extended (Process 2 and 4)", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEGExtended35, Name: "JPEG Extended (Process 3 and 5)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGSpectralSelection68, Name: "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGSpectralSelection79, Name: "JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGFullProgression1012, Name: "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGFullProgression1113, Name: "JPEG Full Progression, Non-Hierarchical (Process 11 and 13)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGLossless, Name: "JPEG Lossless, Non-Hierarchical (Process 14)", ExplicitVR: true, Encapsulated: true},
	{UID: JPEGLossless15, Name: "JPEG Lossless, Non-Hierarchical (Process 15)", ExplicitVR: true, Encapsulated: true, Retired: true},
	{UID: JPEGExtendedHierarchical1618, Name: "JPEG Extended, Hierarchical (Process 16 and 18)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGExtendedHierarchical1719, Name: "JPEG Extended, Hierarchical (Process 17 and 19)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGSpectralSelectionHierarchical2022, Name: "JPEG Spectral Selection, Hierarchical (Process 20 and 22)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGSpectralSelectionHierarchical2123, Name: "JPEG Spectral Selection, Hierarchical (Process 21 and 23)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGFullProgressionHierarchical2426, Name: "JPEG Full Progression, Hierarchical (Process 24 and 26)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGFullProgressionHierarchical2527, Name: "JPEG Full Progression, Hierarchical (Process 25 and 27)", ExplicitVR: true, Encapsulated: true, Lossy: true, Retired: true},
	{UID: JPEGLosslessHierarchical28, Name: "JPEG Lossless, Hierarchical (Process 28)", ExplicitVR: true, Encapsulated: true, Retired: true},
	{UID: JPEGLosslessHierarchical29, Name: "JPEG Lossless, Hierarchical (Process 29)", ExplicitVR: true, Encapsulated: true, Retired: true},
	{UID: JPEGLosslessSV1, Name: "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])", ExplicitVR: true, Encapsulated: true},
	{UID: JPEGLSLossless, Name: "JPEG-LS Lossless Image Compression", ExplicitVR: true, Encapsulated: true},
	{UID: JPEGLSNearLossless, Name: "JPEG-LS Lossy (Near-Lossless) Image Compression", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEG2000Lossless, Name: "JPEG 2000 Image Compression (Lossless Only)", ExplicitVR: true, Encapsulated: true},
	{UID: JPEG2000, Name: "JPEG 2000 Image Compression", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEG2000MultiComponentLossless, Name: "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)", ExplicitVR: true, Encapsulated: true},
	{UID: JPEG2000MultiComponent, Name: "JPEG 2000 Part 2 Multi-component Image Compression", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPIPReferenced, Name: "JPIP Referenced", ExplicitVR: true, Lossy: true},
	{UID: JPIPReferencedDeflate, Name: "JPIP Referenced Deflate", ExplicitVR: true, Deflated: true, Lossy: true},
	{UID: MPEG2MainProfileMainLevel, Name: "MPEG2 Main Profile / Main Level", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG2MainProfileMainLevelFragmentable, Name: "Fragmentable MPEG2 Main Profile / Main Level", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG2MainProfileHighLevel, Name: "MPEG2 Main Profile / High Level", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG2MainProfileHighLevelFragmentable, Name: "Fragmentable MPEG2 Main Profile / High Level", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile41, Name: "MPEG-4 AVC/H.264 High Profile / Level 4.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile41Fragmentable, Name: "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4BDHighProfile41, Name: "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4BDHighProfile41Fragmentable, Name: "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile422D, Name: "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile422DFragmentable, Name: "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile423D, Name: "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4HighProfile423DFragmentable, Name: "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4StereoHighProfile42, Name: "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: MPEG4StereoHighProfile42Fragmentable, Name: "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: HEVCMainProfile51, Name: "HEVC/H.265 Main Profile / Level 5.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: HEVCMain10Profile51, Name: "HEVC/H.265 Main 10 Profile / Level 5.1", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEGXLLossless, Name: "JPEG XL Lossless", ExplicitVR: true, Encapsulated: true},
	{UID: JPEGXLJPEGRecompression, Name: "JPEG XL JPEG Recompression", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPEGXL, Name: "JPEG XL", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: HTJ2KLossless, Name: "High-Throughput JPEG 2000 Image Compression (Lossless Only)", ExplicitVR: true, Encapsulated: true},
	{UID: HTJ2KLosslessRPCL, Name: "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)", ExplicitVR: true, Encapsulated: true},
	{UID: HTJ2K, Name: "High-Throughput JPEG 2000 Image Compression", ExplicitVR: true, Encapsulated: true, Lossy: true},
	{UID: JPIPHTJ2KReferenced, Name: "JPIP HTJ2K Referenced", ExplicitVR: true, Lossy: true},
	{UID: JPIPHTJ2KReferencedDeflate, Name: "JPIP HTJ2K Referenced Deflate", ExplicitVR: true, Deflated: true, Lossy: true},
	{UID: RLELossless, Name: "RLE Lossless", ExplicitVR: true, Encapsulated: true},
	{UID: RFC2557MIME, Name: "RFC 2557 MIME encapsulation", ExplicitVR: true, Retired: true},
	{UID: XMLEncoding, Name: "XML Encoding", ExplicitVR: true, Retired: true},
	{UID: SMPTEST211020Progressive, Name: "SMPTE ST 2110-20 Uncompressed Progressive Active Video", ExplicitVR: true},
	{UID: SMPTEST211020Interlaced, Name: "SMPTE ST 2110-20 Uncompressed Interlaced Active Video", ExplicitVR: true},
	{UID: SMPTEST211030PCM, Name: "SMPTE ST 2110-30 PCM Digital Audio", ExplicitVR: true},
	{UID: DeflatedImageFrame, Name: "Deflated Image Frame Compression", ExplicitVR: true, Encapsulated: true},
	{UID: Papyrus3ImplicitVRLittleEndian, Name: "Papyrus 3 Implicit VR Little Endian", Retired: true},
}

var transferSyntaxIndex = sync.OnceValue(func() map[string]TransferSyntax {
	m := make(map[string]TransferSyntax, len(transferSyntaxes))
	for _, ts := range transferSyntaxes {
		m[ts.UID] = ts
	}
	return m
})

// LookupTransferSyntax finds a transfer syntax of PS3.6; a private one is not found.
func LookupTransferSyntax(u string) (TransferSyntax, bool) {
	ts, ok := transferSyntaxIndex()[u]
	return ts, ok
}

// TransferSyntaxes returns every transfer syntax of PS3.6 in the order of Table A-1.
func TransferSyntaxes() []TransferSyntax { return slices.Clone(transferSyntaxes) }
