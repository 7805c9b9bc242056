package deliver

import "strings"

// reasons are the texts by which a delivery tells why it was not taken, by names that
// the pages have words for in each language. A text that begins with another one comes
// before it; what follows it is the detail: a status, a code, a kind of object.
var reasons = []struct{ name, text string }{
	{"commitment-refused", "the receiver accepted the object and refuses to commit it to storage"},
	{"commitment-none", "the receiver accepted the object and offers no storage commitment: take commit out of the site file, or enable it there"},
	{"commitment-failed", "the receiver accepted the object and does not commit it to storage"},
	{"commitment-silent", "the receiver accepted the object and has not reported that it is committed to storage"},
	{"not-taken", "the receiver did not take the object"},
	{"kind", "the receiver does not accept objects of the kind"},
	{"association", "the receiver refused the association"},
	{"stopping", "broken off: the service was stopping"},
	{"taken-out", "the destination was taken out of the directory"},
	{"broken-off", "the receiver broke the association off"},
	{"missing-here", "the stored object is missing here"},
	{"unreadable-here", "the stored object cannot be read here"},
	{"too-large", "the stored object is too large to be sent this way"},
	{"too-slow", "the receiver was too slow: the attempt was given up"},
	{"unknown-host", "the host name of the receiver is not known"},
	{"no-answer", "the receiver does not answer"},
	{"no-way", "there is no way to the receiver's address"},
	{"no-association", "the receiver took the connection but does not answer the association request"},
	{"stopped", "the receiver stopped answering in the middle"},
	{"closed", "the receiver closed the connection in the middle"},
	{"unreachable", "the receiver cannot be reached"},
	{"not-sent", "the object could not be sent"},
	{"certificate", "the receiver's certificate or TLS is not accepted"},
	{"no-ack", "the receiver answered something that is no HL7 acknowledgement"},
	{"ack-refused", "the receiver refused the message"},
	{"ack-unknown", "the receiver acknowledged with a code that HL7 does not have"},
	{"ack-other", "the receiver acknowledged other messages than ours"},
	{"busy", "the receiver cannot take it now"},
	{"refused", "the receiver refused the request"},
	{"no-relay", "the service has no mail relay: start it with --smtp"},
	{"no-mail", "the mail relay takes no mail for the address of the destination"},
	{"no-url", "the address of the destination is no URL"},
	{"forbidden-address", "the address of the destination is this machine's own, link-local or multicast: nothing is sent there"},
	{"other-hospital", "the report is of another hospital than the destination"},
	{"unknown-way", "there is no way of the kind"},
	{"unknown-object", "there is no object of the kind"},
	{"no-route", "this service has no way to"},
	{"no-folder", "the folder of the destination is not there"},
	{"folder-closed", "the folder of the destination cannot be written to"},
}

// Named is the name of a text of Delivery.LastError, and what the text says beyond it;
// the name of a text that is none of ours is "".
func Named(text string) (name, detail string) {
	for _, r := range reasons {
		if rest, ok := strings.CutPrefix(text, r.text); ok && (rest == "" || rest[0] == ':' || rest[0] == ' ') {
			return r.name, strings.TrimLeft(rest, ": ")
		}
	}
	return "", text
}
