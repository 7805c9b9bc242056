package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/object/sealed"
)

type keysCmd struct {
	Make   keysMakeCmd   `cmd:"" help:"Make a new key in a file, to be named by --encryption-key. Keep a copy of it elsewhere: without it the images are lost."`
	List   keysListCmd   `cmd:"" help:"List the store keys and which keys open them."`
	Rotate keysRotateCmd `cmd:"" help:"Let another key open the image store too; images are not written again. The service may be running."`
	Retire keysRetireCmd `cmd:"" help:"End what other keys than --encryption-key open."`
}

type keysMakeCmd struct {
	File string `arg:"" help:"The new file; it must not exist." type:"path"`
}

// Run writes 32 random bytes as base64, durably, for the owner only.
func (k keysMakeCmd) Run(con console) error {
	f, err := os.OpenFile(k.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key) //nolint:errcheck // never fails (crypto/rand)
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(key))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "--encryption-key file:%s\n", k.File)
	fmt.Fprintln(con.Err, "keep a copy of the file where the images are not: without it nobody can read them")
	return nil
}

type keysListCmd struct {
	place   `embed:""`
	logging `embed:""`
}

// Run prints a line for each store key.
func (k keysListCmd) Run(ctx context.Context, con console) error {
	s, err := k.openSealed(ctx, k.logging, con)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, key := range s.Keys() {
		now := ""
		if key.Current {
			now = "  in use"
		}
		fmt.Fprintf(con.Out, "%s  made %s  opened by %s%s\n", key.ID, key.Made.Format(time.RFC3339), strings.Join(key.KEKs, ", "), now)
	}
	return nil
}

type keysRotateCmd struct {
	place   `embed:""`
	logging `embed:""`
	To      string `required:"" help:"The new key: file:PATH, env:NAME or command:PATH." placeholder:"KEY"`
	Renew   bool   `help:"Also make a new store key, for images that are stored by servers with the new key."`
}

// Run wraps every store key by the new key beside the old one.
func (k keysRotateCmd) Run(ctx context.Context, con console) error {
	to, err := sealed.ParseKEK(ctx, k.To)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	s, err := k.openSealed(ctx, k.logging, con)
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := s.Rotate(ctx, to)
	if err != nil {
		return err
	}
	if k.Renew {
		if err := s.Renew(ctx); err != nil {
			return err
		}
		if _, err := s.Rotate(ctx, to); err != nil {
			return err
		}
	}
	fmt.Fprintf(con.Out, "%d store keys are opened by %s too\n", n, to.ID())
	fmt.Fprintln(con.Err, "next: restart every server with --encryption-key", k.To, "(and rotate backups and mirrors likewise), then `dokuei keys retire` ends the old key")
	return k.noteKeys(ctx, k.logging, con, "keys.rotated", "kek="+to.ID())
}

type keysRetireCmd struct {
	place   `embed:""`
	logging `embed:""`
}

// Run removes what other keys have wrapped.
func (k keysRetireCmd) Run(ctx context.Context, con console) error {
	s, err := k.openSealed(ctx, k.logging, con)
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := s.Retire(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%d wrapped keys removed\n", n)
	return k.noteKeys(ctx, k.logging, con, "keys.retired", fmt.Sprintf("removed=%d", n))
}

// openSealed opens the image store for its keys.
func (p place) openSealed(ctx context.Context, l logging, con console) (*sealed.Store, error) {
	if p.EncryptionKey == "" {
		return nil, errors.New("name the key in use with --encryption-key")
	}
	s, err := p.openObjects(ctx, 0, l.logger(con), nil)
	if err != nil {
		return nil, err
	}
	return s.(*sealed.Store), nil //nolint:forcetypeassert // with a key it is one
}

// noteKeys leaves a record in the audit trail of the place.
func (p place) noteKeys(ctx context.Context, l logging, con console, action, detail string) error {
	d, err := p.openCatalog(ctx, l, con)
	if err != nil {
		return fmt.Errorf("it is done, but could not be written to the audit trail: %w", err)
	}
	return errors.Join(note(ctx, d, action, "success", detail), d.Close())
}
