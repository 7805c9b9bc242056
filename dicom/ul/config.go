package ul

import (
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Config is what both roles need. The zero value of a field stands for the
// default that is named with it.
type Config struct {
	// AETitle is our own title: called when accepting, calling when dialling.
	AETitle string

	// MaxPDULength is the largest P-DATA-TF body we receive and say so in the
	// negotiation (PS3.8 D.1). Default 131072, the largest DCMTK sends.
	MaxPDULength uint32
	// MaxSendLength caps what we send to a peer that allows more. Default
	// 131072.
	MaxSendLength uint32

	// Window is how many operations the requestor may have outstanding, if the
	// other side agrees (asynchronous operations window, PS3.7 D.3.3.3). Default 1.
	Window uint16

	// ARTIM bounds association establishment as a whole and the wait for the
	// peer to close (PS3.8 9.1.5). Default 30 s.
	ARTIM time.Duration
	// Idle bounds the silence between two messages, and a requestor's wait
	// for a response. Default 60 s.
	Idle time.Duration
	// Stall is how long a peer may lag behind MinBytesPerSecond inside a
	// message before it is cut off. Default 30 s.
	Stall time.Duration
	// MinBytesPerSecond is the floor inside a message, both ways. Default 1024.
	MinBytesPerSecond int

	// MaxMessageBytes bounds the data set of one message: a peer that never comes to an
	// end is cut off. Default 16 GiB.
	MaxMessageBytes int64

	ImplementationClassUID    string // default uid.ImplementationClassUID
	ImplementationVersionName string // default uid.ImplementationVersionName

	// Log receives no patient data. Default: discarded.
	Log *slog.Logger
}

// linger bounds Sta13: all that is left to do there is to let an A-ABORT or
// A-RELEASE-RP arrive before the socket goes, and ARTIM is long for that.
const linger = 3 * time.Second

// lingerBytes bounds what is read and dropped in Sta13.
const lingerBytes = 16 << 20

func (c Config) withDefaults() Config {
	orUint := func(v *uint32, d uint32) {
		if *v == 0 {
			*v = d
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	c.Window = max(c.Window, 1)
	orUint(&c.MaxPDULength, 131072)
	orUint(&c.MaxSendLength, 131072)
	c.MaxPDULength = max(c.MaxPDULength, minPDULength)
	c.MaxSendLength = min(max(c.MaxSendLength, minPDULength), 1<<20)
	orTime(&c.ARTIM, 30*time.Second)
	orTime(&c.Idle, 60*time.Second)
	orTime(&c.Stall, 30*time.Second)
	if c.MaxMessageBytes <= 0 {
		c.MaxMessageBytes = 16 << 30
	}
	if c.MinBytesPerSecond <= 0 {
		c.MinBytesPerSecond = 1024
	}
	if c.ImplementationClassUID == "" {
		c.ImplementationClassUID = uid.ImplementationClassUID
	}
	if c.ImplementationVersionName == "" {
		c.ImplementationVersionName = uid.ImplementationVersionName
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// minPDULength is the smallest maximum length a message can be sent through:
// a PDV header and a fragment of two bytes.
const minPDULength = pdu.PDVHeaderLength + 2

func (c Config) userInformation() pdu.UserInformation {
	return pdu.UserInformation{
		MaximumLength:             &pdu.MaximumLength{Received: c.MaxPDULength},
		ImplementationClassUID:    c.ImplementationClassUID,
		ImplementationVersionName: c.ImplementationVersionName,
	}
}
