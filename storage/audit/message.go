package audit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Message is a record in the form of PS3.15 A.5 (the schema of A.5.1).
type Message struct {
	XMLName xml.Name    `xml:"AuditMessage"`
	Event   event       `xml:"EventIdentification"`
	Actor   participant `xml:"ActiveParticipant"`
	Source  source      `xml:"AuditSourceIdentification"`
	Object  *object     `xml:"ParticipantObjectIdentification"`
}

type event struct {
	Action  string `xml:"EventActionCode,attr"` // C, R, U, D or E
	At      string `xml:"EventDateTime,attr"`
	Outcome string `xml:"EventOutcomeIndicator,attr"` // 0 success, 8 serious failure
	ID      coded  `xml:"EventID"`
	Type    *coded `xml:"EventTypeCode,omitempty"`
}

type coded struct {
	Code string `xml:"csd-code,attr"`
	Name string `xml:"codeSystemName,attr"`
	Text string `xml:"originalText,attr"`
}

type participant struct {
	ID        string `xml:"UserID,attr"`
	Requestor bool   `xml:"UserIsRequestor,attr"`
}

type source struct {
	ID   string `xml:"AuditSourceID,attr"`
	Site string `xml:"AuditEnterpriseSiteID,attr,omitempty"` // the hospital it is about
	Type coded  `xml:"AuditSourceTypeCode"`
}

type object struct {
	ID     string   `xml:"ParticipantObjectID,attr"`
	Type   string   `xml:"ParticipantObjectTypeCode,attr"`     // 1 person, 2 system object
	Role   string   `xml:"ParticipantObjectTypeCodeRole,attr"` // 1 patient, 3 report, 11 security user
	IDType coded    `xml:"ParticipantObjectIDTypeCode"`
	Detail []detail `xml:"ParticipantObjectDetail"`
}

type detail struct {
	Type  string `xml:"type,attr"`
	Value []byte `xml:"value,attr"` // base64 by the schema
}

func (d detail) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = []xml.Attr{{Name: xml.Name{Local: "type"}, Value: d.Type}, {Name: xml.Name{Local: "value"}, Value: base64Text(d.Value)}}
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}

func dcm(code, text string) coded { return coded{code, "DCM", text} }

// kind is how actions of one beginning are told in DICOM (PS3.16 CID 400, 401).
type kind struct {
	prefix string
	action string
	id     coded
	typ    *coded
}

func typ(code, text string) *coded { c := dcm(code, text); return &c }

// kinds are looked through in order; the first prefix that fits decides.
var kinds = []kind{
	{"session.opened", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"session.refused", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"session.proven", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"session.", "E", dcm("110114", "User Authentication"), typ("110123", "Logout")},
	{"factor.shown", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"factor.refused", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"password.refused", "E", dcm("110114", "User Authentication"), typ("110122", "Login")},
	{"emergency.opened", "E", dcm("110113", "Security Alert"), typ("110127", "Emergency Override Started")},
	{"emergency.", "E", dcm("110113", "Security Alert"), nil},
	{"factor.", "U", dcm("110113", "Security Alert"), typ("110137", "User Security Attributes Changed")},
	{"password.", "U", dcm("110113", "Security Alert"), typ("110137", "User Security Attributes Changed")},
	{"recovery.", "U", dcm("110113", "Security Alert"), typ("110137", "User Security Attributes Changed")},
	{"user.", "U", dcm("110113", "Security Alert"), typ("110136", "Security Roles Changed")},
	{"token.", "U", dcm("110113", "Security Alert"), typ("110136", "Security Roles Changed")},
	{"directory.", "U", dcm("110113", "Security Alert"), typ("110131", "Security Configuration")},
	{"audit.", "R", dcm("110101", "Audit Log Used"), nil},
	{"instance.exported", "R", dcm("110106", "Export"), nil},
	{"instance.stored", "C", dcm("110104", "DICOM Instances Transferred"), nil},
	{"instance.", "R", dcm("110104", "DICOM Instances Transferred"), nil},
	{"study.viewed", "R", dcm("110103", "DICOM Instances Accessed"), nil},
	{"study.fetched", "R", dcm("110103", "DICOM Instances Accessed"), nil},
	{"study.retrieved", "R", dcm("110104", "DICOM Instances Transferred"), nil},
	{"study.queried", "E", dcm("110112", "Query"), nil},
	{"study.swept", "D", dcm("110105", "DICOM Study Deleted"), nil},
	{"study.", "U", dcm("110103", "DICOM Instances Accessed"), nil},
	{"report.viewed", "R", dcm("110110", "Patient Record"), nil},
	{"report.", "U", dcm("110110", "Patient Record"), nil},
	{"reports.exported", "R", dcm("110106", "Export"), nil},
	{"order.viewed", "R", dcm("110109", "Order Record"), nil},
	{"order.", "U", dcm("110109", "Order Record"), nil},
	{"workitem.", "U", dcm("110111", "Procedure Record"), nil},
	{"room.exported", "R", dcm("110106", "Export"), nil},
	{"room.searched", "E", dcm("110112", "Query"), nil},
	{"room.viewed", "R", dcm("110110", "Patient Record"), nil},
	{"room.", "U", dcm("110110", "Patient Record"), nil},
	{"consent.", "U", dcm("110110", "Patient Record"), nil},
	{"link.", "U", dcm("110110", "Patient Record"), nil},
}

// Message tells a record as PS3.15 A.5 does. What it is about carries our own
// identifiers: names of patients are not in the trail.
func (r Record) Message() Message {
	k := kind{action: "E", id: dcm("110100", "Application Activity")}
	for _, one := range kinds {
		if strings.HasPrefix(r.Action, one.prefix) {
			k = one
			break
		}
	}
	m := Message{
		Event:  event{Action: k.action, At: r.At.UTC().Format(time.RFC3339Nano), Outcome: "0", ID: k.id, Type: k.typ},
		Actor:  participant{ID: r.Actor, Requestor: true},
		Source: source{ID: "dokuei", Site: r.FacilityID, Type: coded{"4", "DCM", "Application Server"}},
	}
	if r.Outcome == Failure {
		m.Event.Outcome = "8"
	}
	if r.Object == "" {
		return m
	}
	m.Object = &object{ID: r.Object, Type: "2", Role: "3", IDType: coded{"12", "RFC-3881", "URI"}, Detail: []detail{
		{"action", []byte(r.Action)},
		{"detail", []byte(r.Detail)},
		{"seq", []byte(fmt.Sprint(r.Seq))},
		{"hash", []byte(r.Hash)},
	}}
	if k.id.Code == "110114" || k.id.Code == "110113" {
		m.Object.Type, m.Object.Role, m.Object.IDType = "1", "11", coded{"11", "RFC-3881", "User Identifier"}
	}
	return m
}

// WriteXML writes a record as one line of XML.
func (r Record) WriteXML(w io.Writer) error {
	b, err := xml.Marshal(r.Message())
	if err != nil {
		return fmt.Errorf("audit: message: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
