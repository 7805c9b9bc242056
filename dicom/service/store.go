package service

import (
	"context"
	"io"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// StoreRequest is a C-STORE indication (PS3.7 9.1.1) with its data set still
// on the wire.
type StoreRequest struct {
	Association *ul.Association
	Peer        any // what the Policy recognised

	SOPClassUID, SOPInstanceUID string // checked against the UID grammar
	TransferSyntaxUID           string // of the presentation context

	// Data is the data set as the peer encoded it, without file meta
	// information. It ends with io.EOF only when the last fragment has come;
	// a connection that dies first gives another error. What a handler
	// leaves unread is read and dropped. It is gone when the handler returns.
	Data io.Reader

	MoveOriginatorAE        string // when the store is part of a C-MOVE
	MoveOriginatorMessageID uint16
}

// StoreHandler keeps an instance and gives the status of PS3.4 B.2.3. Success
// is a promise to the modality that the instance is safe.
type StoreHandler func(ctx context.Context, r StoreRequest) dimse.Status

// StoreBeginner takes an instance in, its Data to the end, and gives the rest of
// the work, which ends in the status. With an asynchronous operations window the
// rest of several instances runs at once, beside the arrival of the next. nil
// stands for a status that is known already.
type StoreBeginner func(ctx context.Context, r StoreRequest) (rest func(ctx context.Context) dimse.Status, known dimse.Status)

// StoreObject is an instance to send.
type StoreObject struct {
	SOPClassUID, SOPInstanceUID string
	TransferSyntaxUID           string    // of Data
	Data                        io.Reader // data set bytes, no preamble or meta

	MoveOriginatorAE        string // sub-operation of a C-MOVE, else empty
	MoveOriginatorMessageID uint16
}
