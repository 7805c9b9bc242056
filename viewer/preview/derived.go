package preview

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/storage/pack"
)

// What is kept of one instance is one value in the pack of its series, so that it is
// there or not. It begins with a table:
//
//	bytes  0-3   magic
//	bytes  4-7   length of the thumbnail, big endian
//	bytes  8-11  length of the scroll preview
//	bytes 12-15  length of the note
//
// and goes on with these three. A value with a note (Placeholder and, on the second
// line, the detail) has no pictures. Another magic makes all of them anew.
const (
	magic      = "DKP3"
	tableBytes = 16
)

// keeping is a value taken apart.
type keeping struct{ thumbnail, scroll, note []byte }

// read reads what is derived from an instance. What cannot be understood is as good
// as not there, and so is the note of a missing decoder, or one that names no reason
// we know, when it is not true any more.
func (p *Pipeline) read(ctx context.Context, r Ref) (keeping, error) {
	b, err := p.opt.Derived.Get(ctx, r.SeriesID, r.InstanceID)
	if err != nil {
		return keeping{}, err
	}
	if len(b) < tableBytes || string(b[:4]) != magic {
		return keeping{}, fmt.Errorf("preview: %d bytes that are no pictures: %w", len(b), pack.ErrNotFound)
	}
	var k keeping
	rest := b[tableBytes:]
	for i, part := range []*[]byte{&k.thumbnail, &k.scroll, &k.note} {
		n := uint64(binary.BigEndian.Uint32(b[4+4*i:]))
		if n > uint64(len(rest)) {
			return keeping{}, fmt.Errorf("preview: pictures cut short: %w", pack.ErrNotFound)
		}
		*part, rest = rest[:n:n], rest[n:]
	}
	if len(k.note) > 0 {
		if why, detail := k.why(); !why.known() || why == NoDecoder && decodable(detail) {
			return keeping{}, fmt.Errorf("preview: outdated note: %w", pack.ErrNotFound)
		}
	}
	return k, nil
}

func decodable(transferSyntaxUID string) bool {
	_, ok := registry.ForTransferSyntax(transferSyntaxUID)
	return ok
}

// why takes the note apart; empty when there are pictures.
func (k keeping) why() (Placeholder, string) {
	name, detail, _ := strings.Cut(string(k.note), "\n")
	return Placeholder(name), detail
}

// stored gives one picture, or why there is none; ErrNotFound when neither has been
// made. Of a size that is not kept pic is nil.
func (p *Pipeline) stored(ctx context.Context, r Ref, s Size) (pic []byte, why Placeholder, err error) {
	k, err := p.read(ctx, r)
	if err != nil {
		return nil, "", err
	}
	why, _ = k.why()
	switch {
	case why != "":
		return nil, why, nil
	case s == Thumbnail:
		return k.thumbnail, "", nil
	case s == Scroll:
		return k.scroll, "", nil
	}
	return nil, "", nil
}

// done tells whether an instance has its pictures, or a note why not.
func (p *Pipeline) done(ctx context.Context, r Ref) (bool, error) {
	ok, err := p.opt.Derived.Has(ctx, r.SeriesID, r.InstanceID)
	if err != nil || !ok {
		return false, err
	}
	if _, err = p.read(ctx, r); errors.Is(err, pack.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// put keeps what has been made.
func (p *Pipeline) put(ctx context.Context, r Ref, m made) error {
	note := ""
	if m.placeholder != "" {
		note = string(m.placeholder) + "\n" + m.detail
	}
	var table [tableBytes]byte
	copy(table[:], magic)
	for i, n := range []int{len(m.pictures[Thumbnail]), len(m.pictures[Scroll]), len(note)} {
		binary.BigEndian.PutUint32(table[4+4*i:], uint32(n))
	}
	return p.opt.Derived.Put(ctx, r.SeriesID, r.InstanceID, table[:], m.pictures[Thumbnail], m.pictures[Scroll], []byte(note))
}

// Forget drops the pictures of a series that are kept: with what they were made of,
// or to make them anew.
func (p *Pipeline) Forget(seriesID string) error { return p.opt.Derived.Drop(seriesID) }
