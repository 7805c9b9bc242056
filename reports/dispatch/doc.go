// Package dispatch takes signed reports to destinations with a route: the
// deliver.Router of the service.
//
//	mllp://, mllps://  HL7 v2 ORU^R01 over MLLP, the second over TLS; taken when the
//	                   receiver acknowledges our control ID with AA or CA
//	http://, https://  FHIR R4 transaction bundle by POST, or a notice without
//	                   anything of a patient; taken when answered with 2xx
//	mailto:address     an e-mail through the service's relay that there is a version,
//	                   without anything of a patient; taken when the relay has it
//	file:///folder     the report as PDF, SR, text, ORU or FHIR, under a name made of
//	                   version and content hash, renamed into place when whole
//
// What is sent is made from the signed report when it is sent, and is the same
// bytes each time: control ID, resource IDs and file names are functions of the
// version, so that what is sent twice is one thing to its receiver (at least once
// on the wire, once in effect). The order of versions is the queue's
// (router/deliver).
//
// Addresses come from the site file, that is from the administrator; still no
// request follows a redirect, and none goes to this machine itself, to a link-local
// address (metadata services of clouds) or to a multicast one, whatever a name
// resolves to, unless [Dispatcher.Local] allows it. Answers are read up to 1 MiB
// and only their codes are kept.
package dispatch
