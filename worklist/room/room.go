package room

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/identity"
)

// Bounds.
const (
	MaxBody     = 4000 // characters of a message, question or note
	MaxMentions = 20
	MaxAsked    = 10 // candidates of one consult
	MaxExport   = 20000
	PageSize    = 100 // messages of one page, and hits of a search
)

// Errors of this package. They are stable: callers map them to answers.
var (
	// ErrNotFound says there is no such room or message, or none of the asker's.
	ErrNotFound = errors.New("room: not found")
	// ErrText says a text is empty or longer than MaxBody.
	ErrText = errors.New("room: the text is empty or too long")
	// ErrTaken says the ID of a message is that of another.
	ErrTaken = errors.New("room: the ID of the message is taken")
	// ErrNoMember says a mentioned person does not sit in the room.
	ErrNoMember = errors.New("room: a mentioned person is not a member")
	// ErrInvitee says that somebody cannot be asked in.
	ErrInvitee = errors.New("room: such a person cannot be invited")
	// ErrClosed says that the private room is no longer open, or the consult answered.
	ErrClosed = errors.New("room: closed")
	// ErrNotAsked says that only who was asked answers, and only the asker's side decides.
	ErrNotAsked = errors.New("room: not for this person to answer")
)

// Kinds of the events this package appends; Event.Ref is the study.
const (
	EventMessage = "room.message"
	EventRead    = "room.read"
	EventInvited = "room.invited"
	EventConsult = "room.consult"
)

// Room is one conversation.
type Room struct {
	ID         string
	StudyID    string
	FacilityID string // whose study it is
	Private    *Asked // nil in the room of a study
}

// Message is something said.
type Message struct {
	ID, RoomID, StudyID string
	Author              string // user
	At                  time.Time
	Body                string
	Mentions            []string // users
	Picture             *Picture
	Reads               []Read
}

// Picture is what a message shows, a film too.
type Picture struct {
	MediaType     string // image/jpeg, image/png or video/mp4
	Width, Height int    // pixels
	Size          int64  // bytes
	SHA256        string // of the bytes, hexadecimal
	ObjectKey     string
}

// Read says that a user has had a message in front of them.
type Read struct {
	User string
	At   time.Time
}

// Member sits in a room.
type Member struct {
	ID, Name, NameEn string
	Role             identity.Role
	FacilityID       string
}

// clean makes text inert and says whether it is within bounds: control characters,
// and those that turn the direction of what follows (UAX #9 §2), are left out.
func clean(text string, empty bool) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError, unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
			return -1
		}
		return r
	}, text))
	if text == "" && !empty || utf8.RuneCountInString(text) > MaxBody {
		return "", ErrText
	}
	return text, nil
}
