// Package notify tells a hospital's systems what has happened here: that a study of
// theirs has become complete (Instance Availability Notification, as SCU), and what
// their modalities say of their work (Modality Performed Procedure Step, as SCU).
//
//	PS3.4 R.3.2    N-CREATE, Table R.3.2-1 its attributes
//	PS3.4 F.7.2    N-CREATE and N-SET of a step that router/performed keeps
//	PS3.4 R.2      each instance with its availability and where it is
//
// Destinations of the site file with `notify: ian` are told of studies, those with
// `performed: true` of steps. The row is written in
// the transaction that completes the study, so nothing is forgotten when the
// program dies; a study that is completed once more is told once more, and what
// is told is what it holds when it is told.
//
// # Promises
//
// A destination is called by one attempt at a time, up to eight destinations at
// once: one that does not answer holds up no other. Pauses between attempts
// double from 5 s to 10 min. What nobody has taken within a week expires. A
// notification in sending is held in memory whole; it grows with the instances
// of its study.
//
// Left out: the Referenced Performed Procedure Step (sent empty), TLS to the
// destination, notifications that instances have been moved or deleted.
package notify
