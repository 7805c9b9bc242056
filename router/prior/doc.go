// Package prior fetches earlier studies of a patient from the archive of the hospital
// the patient was examined in, for whoever reads a new one: the rule of the new study
// says so (rule.Priors).
//
//	Enqueue -> waiting -- C-FIND, C-MOVE or C-GET of each --> done | failed
//	               ^--------- tried again ----------|
//
// The archive is asked by the Patient ID of the study, at study root (PS3.4 C.6.2), for
// what is older than the study's day; what its answers say is held against the study
// once more, because an archive that ignores a key would hand out strangers. It sends to
// our own receiver, so it must know our AE title and be one of the hospital's AE titles;
// one that offers no C-MOVE, or does not know us, sends by C-GET on the association that
// asked, where it offers that.
//
// The studies asked for are written down before they are retrieved ([Only]): what arrives of
// them until it is answered is nobody's task. What comes unasked, or later, is.
//
// The queue is in the database, bounded by hospital, worked on under leases: an attempt
// whose process died is taken up again when the lease has run out.
package prior
