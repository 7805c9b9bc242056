package preview

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/storage/object"
)

// What is kept of one instance is one object, so that it is there or not, and costs
// the file system one file. It begins with a table:
//
//	bytes  0-3   magic
//	bytes  4-7   length of the thumbnail, big endian
//	bytes  8-11  length of the scroll preview
//	bytes 12-15  length of the note
//
// and goes on with these three. An object with a note (Placeholder and, on the
// second line, the detail) has no pictures.
const (
	magic      = "DKP3"
	tableBytes = 16
	maxPart    = 4 << 20 // bounds what is read back: a 256 × 256 JPEG is far below
)

// version is that of the pictures: another one makes all of them anew.
const version = "v3"

// key puts what arrived within some hours into one folder: an instance ID is a
// UUIDv7, which begins with the time.
func key(instanceID string) (string, error) {
	k := version + "/" + instanceID[:min(len(instanceID), 6)] + "/" + instanceID
	return k, object.CheckKey(k)
}

// parts are the lengths of the table.
type parts struct{ thumbnail, scroll, note int64 }

// open finds what is derived from an instance and reads its table. What cannot be
// understood is as good as not there.
func (p *Pipeline) open(ctx context.Context, id string) (object.Object, parts, error) {
	k, err := key(id)
	if err != nil {
		return nil, parts{}, err
	}
	o, err := p.opt.Derived.Open(ctx, k)
	if err != nil {
		return nil, parts{}, err
	}
	var t [tableBytes]byte
	if _, err := o.ReadAt(t[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, parts{}, errors.Join(fmt.Errorf("preview: derived object: %w", err), o.Close())
	}
	at := func(i int) int64 { return int64(binary.BigEndian.Uint32(t[i:])) }
	s := parts{at(4), at(8), at(12)}
	if string(t[:4]) != magic || max(s.thumbnail, s.scroll, s.note) > maxPart || tableBytes+s.thumbnail+s.scroll+s.note != o.Size() {
		return nil, parts{}, errors.Join(fmt.Errorf("preview: derived object of %d bytes: %w", o.Size(), object.ErrNotFound), o.Close())
	}
	return o, s, nil
}

// stored reads one picture, or the note why there is none; ErrNotFound when
// neither has been made. Of a size that is not kept it reads nothing but the note:
// pic is nil when there is none. A note of a missing decoder, or one that cannot be
// understood, counts only as long as it is true.
func (p *Pipeline) stored(ctx context.Context, id string, s Size) (pic []byte, why Placeholder, err error) {
	o, have, err := p.open(ctx, id)
	if err != nil {
		return nil, "", err
	}
	defer o.Close()
	from, n := int64(tableBytes), have.thumbnail
	switch {
	case have.note > 0:
		from, n = tableBytes+have.thumbnail+have.scroll, have.note
	case s >= kept:
		return nil, "", nil
	case s == Scroll:
		from, n = from+have.thumbnail, have.scroll
	}
	b := make([]byte, n)
	if got, err := o.ReadAt(b, from); got < len(b) {
		return nil, "", fmt.Errorf("preview: derived object: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	if have.note == 0 {
		return b, "", nil
	}
	name, detail, _ := strings.Cut(string(b), "\n")
	why = Placeholder(name)
	_, decodable := registry.ForTransferSyntax(detail)
	if !why.known() || why == NoDecoder && decodable {
		return nil, "", fmt.Errorf("preview: outdated note: %w", object.ErrNotFound)
	}
	return nil, why, nil
}

// done tells whether an instance has its pictures, or a note why not.
func (p *Pipeline) done(ctx context.Context, id string) (bool, error) {
	o, have, err := p.open(ctx, id)
	if err == nil && have.note == 0 {
		return true, o.Close()
	}
	if err == nil {
		if err = o.Close(); err == nil {
			_, _, err = p.stored(ctx, id, Thumbnail)
		}
	}
	if errors.Is(err, object.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// put keeps what has been made.
func (p *Pipeline) put(ctx context.Context, id string, m made) (err error) {
	k, err := key(id)
	if err != nil {
		return err
	}
	note := ""
	if m.placeholder != "" {
		note = string(m.placeholder) + "\n" + m.detail
	}
	t := append(make([]byte, 0, tableBytes), magic...)
	for _, n := range []int{len(m.pictures[Thumbnail]), len(m.pictures[Scroll]), len(note)} {
		t = binary.BigEndian.AppendUint32(t, uint32(n))
	}
	o, err := p.opt.Derived.Create(ctx)
	if err != nil {
		return fmt.Errorf("preview: derived object: %w", err)
	}
	defer func() { err = errors.Join(err, o.Abort()) }()
	for _, b := range [][]byte{t, m.pictures[Thumbnail], m.pictures[Scroll], []byte(note)} {
		if _, err := o.Write(b); err != nil {
			return fmt.Errorf("preview: derived object: %w", err)
		}
	}
	return o.Commit(ctx, k)
}
