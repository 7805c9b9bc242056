// Package softcopy reads Grayscale Softcopy Presentation States: how somebody has
// looked at images of a study, to be shown again.
//
//	PS3.3 A.33.1    Grayscale Softcopy Presentation State IOD
//	PS3.3 C.11.11   Presentation State Relationship: the images it is of
//	PS3.3 C.11.10   identification: label, description, who and when
//	PS3.3 C.11.1, C.11.8, C.11.6  modality LUT, softcopy VOI LUT, presentation LUT
//	PS3.3 C.11.13   mask: an average of frames that is taken away
//	PS3.3 C.10.4    displayed area
//	PS3.3 C.10.5    graphic annotations; C.10.7 their layers
//	PS3.3 C.10.6    spatial transformation
//	PS3.3 C.7.6.11, C.7.6.15  shutters: rectangle, circle, polygon, bitmap
//	PS3.3 C.9.2, C.11.7  overlay planes and their activation
//
// The values are plain, with names for JSON: a page applies them.
//
// Left out: masks but averages (C.11.13: differences in time, averages of contrast
// frames), named in State.Missing where they are; compound graphics (C.10.5.1.3), which
// have to stand among the plain graphics too; styles of lines and text other than their
// colour. Colour, pseudo-colour and blending states
// are no concern of this package.
//
// Memory and time are bounded by Limits, whatever a state claims. Parse is a pure
// function.
package softcopy
