package dimse

import "fmt"

// CommandField is the Command Field (0000,0100), PS3.7 Table E.1-1.
type CommandField uint16

// The command fields of PS3.7 Table E.1-1.
const (
	FieldCStoreRQ        CommandField = 0x0001
	FieldCStoreRSP       CommandField = 0x8001
	FieldCGetRQ          CommandField = 0x0010
	FieldCGetRSP         CommandField = 0x8010
	FieldCFindRQ         CommandField = 0x0020
	FieldCFindRSP        CommandField = 0x8020
	FieldCMoveRQ         CommandField = 0x0021
	FieldCMoveRSP        CommandField = 0x8021
	FieldCEchoRQ         CommandField = 0x0030
	FieldCEchoRSP        CommandField = 0x8030
	FieldNEventReportRQ  CommandField = 0x0100
	FieldNEventReportRSP CommandField = 0x8100
	FieldNGetRQ          CommandField = 0x0110
	FieldNGetRSP         CommandField = 0x8110
	FieldNSetRQ          CommandField = 0x0120
	FieldNSetRSP         CommandField = 0x8120
	FieldNActionRQ       CommandField = 0x0130
	FieldNActionRSP      CommandField = 0x8130
	FieldNCreateRQ       CommandField = 0x0140
	FieldNCreateRSP      CommandField = 0x8140
	FieldNDeleteRQ       CommandField = 0x0150
	FieldNDeleteRSP      CommandField = 0x8150
	FieldCCancelRQ       CommandField = 0x0FFF
)

// Response says whether the field is that of a response.
func (f CommandField) Response() bool { return f&0x8000 != 0 }

var fieldNames = map[CommandField]string{
	FieldCStoreRQ: "C-STORE", FieldCGetRQ: "C-GET", FieldCFindRQ: "C-FIND", FieldCMoveRQ: "C-MOVE", FieldCEchoRQ: "C-ECHO",
	FieldNEventReportRQ: "N-EVENT-REPORT", FieldNGetRQ: "N-GET", FieldNSetRQ: "N-SET", FieldNActionRQ: "N-ACTION",
	FieldNCreateRQ: "N-CREATE", FieldNDeleteRQ: "N-DELETE", FieldCCancelRQ: "C-CANCEL",
}

// String gives the name of the standard: C-STORE-RQ, N-SET-RSP.
func (f CommandField) String() string {
	name, ok := fieldNames[f&^0x8000]
	if !ok || f == FieldCCancelRQ|0x8000 {
		return fmt.Sprintf("command field %04XH", uint16(f))
	}
	if f.Response() {
		return name + "-RSP"
	}
	return name + "-RQ"
}

// Priority is the Priority (0000,0700), PS3.7 Table E.1-1.
type Priority = uint16

// The priorities of PS3.7 Table E.1-1.
const (
	PriorityMedium Priority = 0x0000
	PriorityHigh   Priority = 0x0001
	PriorityLow    Priority = 0x0002
)
