// Package phantom makes the studies of the demo and of tests: a head CT with an
// intracerebral haemorrhage, a chest CT with a nodule and a brain MR with an
// acute infarct. Nothing in them comes from a person: the anatomy is a set of
// formulas, textured with noise.
//
// CT slices are true to the Hounsfield scale (air -1000, fat -95, CSF 8, white
// matter 28, grey matter 37, acute blood 65, bone 400 to 1300). Objects follow
// the CT Image IOD (PS3.3 A.3) and the MR Image IOD (PS3.3 A.4) with the
// geometry of C.7.6.2, in the patient's coordinates: +x to the left, +y to the
// back, +z to the head (C.7.6.2.1.1).
//
// A study is a list of instances that render themselves when they are written:
// the list is small and the slices of one study can be written by several
// goroutines at a time. One Order gives the same bytes always.
//
// Left out: localisers, contrast phases, dose reports, motion and metal
// artefacts, partial volume along z.
package phantom
