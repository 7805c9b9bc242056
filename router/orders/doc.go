// Package orders takes orders in from hospital information systems: HL7 v2 messages
// over MLLP, and FHIR service requests.
//
//	HL7 v2.5 4.4.1, 4.4.4, 4.4.6   ORM^O01, OMG^O19, OMI^O23
//	HL7 v2.5 4.5.1, table 0119     ORC-1: NW, XO, CA, DC, RP
//	HL7 v2.5 4.5.3, 4.5.6          OBR, IPC
//	HL7 v2.5 2.9.2, table 0008     AA taken, AE not taken, AR not of ours or not now
//	IHE RAD TF-2 4.2, 4.4          accession number in OBR-18, Study Instance UID in ZDS-1 or IPC-3
//	FHIR R4 12.17                  ServiceRequest, what it refers to contained or in its bundle
//
// Who sends is who the connection and MSH-4 say together: a hospital names its
// senders, and where it names networks or certificates the caller must come from one
// and hold one. An order then belongs to that hospital, whatever else it says.
//
// # Promises
//
// AA is answered when the orders of a message are durable, all of them or none. A
// message that comes again under its control ID has its effect once and gets the
// answer of the first time. AE says what is wrong and nothing of a patient; it is
// worth sending again when that is put right. AR is for messages and senders that are
// not ours to take.
//
// Whatever the door, a hospital's [Wish] is done by [Do]: the same order again has no
// effect, another under its number is refused, what was canceled stays so.
//
// Left out: order status messages (ORC-1 SC is taken and changes nothing), results,
// pharmacy and diet orders.
package orders
