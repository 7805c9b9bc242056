package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dokuei/dokuei/storage/db"
)

// checkpointTitle begins the text of a signed head; its number, hash and time follow, a
// line each.
const checkpointTitle = "dokuei audit trail"

// Every is how often a Signer looks whether there is a new head to sign.
const Every = time.Hour

// Key signs heads.
type Key = note.Signer

// NewKey reads a key of GenerateKey.
func NewKey(text string) (Key, error) { return note.NewSigner(strings.TrimSpace(text)) }

// GenerateKey makes a key that signs heads, and the one that verifies them.
func GenerateKey() (signer, verifier string, err error) {
	return note.GenerateKey(rand.Reader, "dokuei-audit")
}

// Signer signs heads of the trail.
type Signer struct {
	DB   *db.DB
	Key  Key
	File string // signed heads are appended to it, too: on a disk of somebody else; "": not
	Log  *slog.Logger
}

// Run signs the head now and every hour when it has moved, until ctx ends.
func (s *Signer) Run(ctx context.Context) error {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		if err := s.Sign(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "head of the audit trail not signed; it is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sign signs the head unless the newest signed one is it.
func (s *Signer) Sign(ctx context.Context) error {
	var text string
	err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		seq, hash, err := Head(ctx, tx)
		if err != nil || seq == 0 {
			return err
		}
		text, err = sign(ctx, tx, s.Key, seq, hash)
		return err
	})
	if err != nil || text == "" || s.File == "" {
		return err
	}
	f, err := os.OpenFile(s.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// sign keeps a signed head; "" when it is kept already.
func sign(ctx context.Context, tx db.Tx, key Key, seq int64, hash string) (string, error) {
	text, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n%s\n", checkpointTitle, seq, hash, db.Now().UTC().Format(time.RFC3339))}, key)
	if err != nil {
		return "", fmt.Errorf("audit: sign: %w", err)
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO audit_checkpoints (seq, note) VALUES ($1, $2) ON CONFLICT (seq) DO NOTHING`, seq, string(text))
	if err != nil {
		return "", fmt.Errorf("audit: keep checkpoint: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", err
	}
	return string(text), nil
}

// ErrForged is a head whose signature is not of the key.
var ErrForged = errors.New("audit: a signed head is not signed by this key")

// VerifyNotes holds the trail against heads that were signed with the key of a
// verifier: those it keeps itself, and more that were kept elsewhere, one after the
// other as a Signer appends them. It returns how many there were, a *BrokenError or
// ErrForged. What is older than the beginning of the trail counts and is not compared.
func VerifyNotes(ctx context.Context, tx db.Tx, verifier, more string) (heads int, err error) {
	key, err := note.NewVerifier(verifier)
	if err != nil {
		return 0, fmt.Errorf("audit: verifier: %w", err)
	}
	list := note.VerifierList(key)
	texts, err := notes(ctx, tx)
	if err != nil {
		return 0, err
	}
	base, baseHash, err := Base(ctx, tx)
	if err != nil {
		return 0, err
	}
	begins := base == 0 // else one of them must say that the trail may begin there
	for _, text := range append(texts, split(more)...) {
		seq, hash, err := open(text, list)
		if err != nil {
			return heads, err
		}
		if err := holds(ctx, tx, seq, hash); err != nil && !errors.Is(err, ErrArchived) {
			return heads, err
		}
		begins = begins || seq == base && hash == baseHash
		heads++
	}
	if !begins {
		return heads, &BrokenError{Seq: base, Reason: "the trail begins here, and nobody has signed that"}
	}
	return heads, nil
}

func notes(ctx context.Context, tx db.Tx) (out []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT note FROM audit_checkpoints ORDER BY seq`)
	if err != nil {
		return nil, fmt.Errorf("audit: checkpoints: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("audit: checkpoints: %w", err)
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// split takes a file of signed heads apart.
func split(text string) (out []string) {
	for _, part := range strings.Split(text, checkpointTitle+"\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, checkpointTitle+"\n"+part+"\n")
		}
	}
	return out
}

// open reads a signed head.
func open(text string, key note.Verifiers) (seq int64, hash string, err error) {
	n, err := note.Open([]byte(text), key)
	if err != nil {
		return 0, "", ErrForged
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != checkpointTitle {
		return 0, "", ErrForged
	}
	if seq, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, "", ErrForged
	}
	return seq, lines[2], nil
}

// Base is where the trail begins: the number and hash of the last record that is not
// in it any more; 0 and "" for a trail that is whole.
func Base(ctx context.Context, tx db.Tx) (seq int64, hash string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit_base WHERE id = 1`).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("audit: base: %w", err)
	}
	return seq, hash, nil
}

// Before is the number of the newest record that is older than a time; 0 when there
// is none.
func Before(ctx context.Context, tx db.Tx, t time.Time) (seq int64, err error) {
	// Records stand in the order in which they came: the first that is not older ends it.
	err = tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT MIN(seq) FROM audit WHERE at >= $1), (SELECT MAX(seq) FROM audit) + 1, 1) - 1`, db.Micros(t)).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("audit: before: %w", err)
	}
	return seq, nil
}

// Prune takes away the records up to a number, which were archived: the trail begins
// after it. The newest record stays. With a key the new beginning is signed.
func Prune(ctx context.Context, tx db.Tx, key Key, upTo int64, actor string) error {
	head, _, err := Head(ctx, tx)
	if err != nil {
		return err
	}
	base, _, err := Base(ctx, tx)
	if err != nil {
		return err
	}
	if upTo <= base || upTo >= head {
		return fmt.Errorf("audit: prune: record %d is not between the beginning %d and the head %d", upTo, base, head)
	}
	var hash string
	if err := tx.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = $1`, upTo).Scan(&hash); err != nil {
		return fmt.Errorf("audit: prune: %w", err)
	}
	if key != nil {
		if _, err := sign(ctx, tx, key, upTo, hash); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE audit_base SET seq = $1, hash = $2 WHERE id = 1`, upTo, hash); err != nil {
		return fmt.Errorf("audit: prune: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE seq <= $1`, upTo); err != nil {
		return fmt.Errorf("audit: prune: %w", err)
	}
	return Append(ctx, tx, Record{Actor: actor, Action: "audit.pruned", Object: "audit", Detail: fmt.Sprintf("up to %d", upTo)})
}
