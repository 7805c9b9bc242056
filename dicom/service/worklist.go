package service

import (
	"context"
	"errors"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/ul"
)

// WorklistQuery is the identifier of a C-FIND without levels, read whole: its
// size is bounded.
type WorklistQuery struct {
	Association *ul.Association
	Peer        any // what the Policy recognised
	// AbstractSyntax is the SOP class of the presentation context, which for
	// UPS may differ from that of the steps.
	AbstractSyntax string
	Identifier     *dataset.Dataset // text decodes in the peer's character set
}

// WorklistFinder calls match for every entry that matches, as Finder does.
type WorklistFinder func(ctx context.Context, q WorklistQuery, match func(*dataset.Dataset) error) error

func (s *SCP) findInWorklist(ctx context.Context, l *line, in dimse.Incoming, m *dimse.CFindRQ, find WorklistFinder) error {
	if in.Data == nil {
		return s.refuse(l, in, m, &Refusal{dimse.CannotUnderstand, "no identifier"})
	}
	d, err := dataset.Read(in.Data, stream.SyntaxFor(in.Context.TransferSyntax), identifierLimits)
	if lost := in.Data.Drain(); lost != nil {
		return lost
	}
	switch {
	case errors.Is(err, stream.ErrLimit):
		return s.refuse(l, in, m, &Refusal{dimse.CannotUnderstand, "identifier too large"})
	case err != nil:
		return s.refuse(l, in, m, &Refusal{dimse.CannotUnderstand, "identifier cannot be read"})
	}
	q := WorklistQuery{Association: l.a, Peer: l.a.Peer, AbstractSyntax: in.Context.AbstractSyntax, Identifier: d}
	return s.matches(ctx, l, in, m, d, "", func(ctx context.Context, match func(*dataset.Dataset) error) error {
		return find(ctx, q, match)
	})
}
