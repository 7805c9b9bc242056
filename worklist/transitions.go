package worklist

// Request is a row of PS3.4 Table CC.1.1-2: what somebody asks of a step.
type Request int

// The requests. "Held" means that the Transaction UID sent is the one the
// step was locked with.
const (
	ToInProgress       Request = iota // Change UPS State to IN PROGRESS
	ToScheduled                       // Change UPS State to SCHEDULED
	ToCompletedHeld                   // Change UPS State to COMPLETED, correct Transaction UID
	ToCompletedNotHeld                // the same with another one
	ToCanceledHeld                    // Change UPS State to CANCELED, correct Transaction UID
	ToCanceledNotHeld                 // the same with another one
	RequestCancel                     // Request UPS Cancel, by one who does not hold it
	requests
)

// Status is a status code of the UPS services, PS3.4 Table CC.2.1-2 and CC.2.2-2.
type Status uint16

// The status codes of the table.
const (
	StatusSuccess           Status = 0x0000
	StatusAlreadyCanceled   Status = 0xB304 // warning
	StatusAlreadyCompleted  Status = 0xB306 // warning
	StatusFinal             Status = 0xC300 // may no longer be updated
	StatusWrongTransaction  Status = 0xC301 // the correct Transaction UID was not provided
	StatusAlreadyInProgress Status = 0xC302
	StatusNeverScheduled    Status = 0xC303 // may not be changed to SCHEDULED by N-ACTION
	StatusNotInProgress     Status = 0xC310
	StatusCancelCompleted   Status = 0xC311 // cancel of a step already COMPLETED
)

// Cell is one cell of the table: the state afterwards and the status answered.
// A cell that changes nothing names the state it was in.
type Cell struct {
	Next   State
	Status Status
}

// States in the order of the columns of the table.
var columns = [...]State{Scheduled, InProgress, Completed, Canceled}

// table is PS3.4 Table CC.1.1-2. One cell differs by decision and is within
// the standard's leave to the SCP: Request UPS Cancel of a step in progress
// tells the performer there; here the coordinator's wish is final and the
// Reassign that follows it makes the replacement at once.
var table = [requests][len(columns)]Cell{
	ToInProgress: {
		{InProgress, StatusSuccess},
		{InProgress, StatusAlreadyInProgress},
		{Completed, StatusFinal},
		{Canceled, StatusFinal},
	},
	ToScheduled: {
		{Scheduled, StatusNeverScheduled},
		{InProgress, StatusNeverScheduled},
		{Completed, StatusNeverScheduled},
		{Canceled, StatusNeverScheduled},
	},
	ToCompletedHeld: {
		{Scheduled, StatusNotInProgress},
		{Completed, StatusSuccess},
		{Completed, StatusAlreadyCompleted},
		{Canceled, StatusFinal},
	},
	ToCompletedNotHeld: {
		{Scheduled, StatusWrongTransaction},
		{InProgress, StatusWrongTransaction},
		{Completed, StatusWrongTransaction},
		{Canceled, StatusWrongTransaction},
	},
	ToCanceledHeld: {
		{Scheduled, StatusNotInProgress},
		{Canceled, StatusSuccess},
		{Completed, StatusFinal},
		{Canceled, StatusAlreadyCanceled},
	},
	ToCanceledNotHeld: {
		{Scheduled, StatusWrongTransaction},
		{InProgress, StatusWrongTransaction},
		{Completed, StatusWrongTransaction},
		{Canceled, StatusWrongTransaction},
	},
	RequestCancel: {
		{Canceled, StatusSuccess},
		{Canceled, StatusSuccess},
		{Completed, StatusCancelCompleted},
		{Canceled, StatusAlreadyCanceled},
	},
}

// Transition looks a request up in the table. A state or request that is not
// in it leaves everything as it is, with [StatusFinal].
func Transition(from State, req Request) Cell {
	if req >= 0 && req < requests {
		for i, s := range columns {
			if s == from {
				return table[req][i]
			}
		}
	}
	return Cell{from, StatusFinal}
}

// refusal gives the error of a status, nil when the request is granted.
func refusal(s Status) error {
	switch s {
	case StatusSuccess:
		return nil
	case StatusAlreadyInProgress:
		return ErrAlreadyClaimed
	case StatusWrongTransaction:
		return ErrNotHolder
	case StatusNotInProgress:
		return ErrNotInProgress
	default:
		return ErrFinal
	}
}
