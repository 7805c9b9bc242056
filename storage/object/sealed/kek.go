package sealed

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// KEK is a key-encryption key: it wraps the keys of stores and nothing else.
type KEK interface {
	// ID tells KEKs apart: a segment of a key of object.CheckKey.
	ID() string
	Wrap(ctx context.Context, key, bound []byte) ([]byte, error)
	Unwrap(ctx context.Context, wrapped, bound []byte) ([]byte, error)
}

// commandLimit is how long a command may take: a KMS is on the network.
const commandLimit = 30 * time.Second

// ParseKEK opens the key-encryption key that text names:
//
//	file:PATH      32 bytes, or their base64 or hex on one line
//	env:NAME       an environment variable with the base64 or hex
//	command:PATH   a program that is called as "PATH id", "PATH wrap", "PATH unwrap":
//	               see Command
//
// Errors never hold a key.
func ParseKEK(ctx context.Context, text string) (KEK, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch {
	case rest == "":
	case kind == "file":
		raw, err := os.ReadFile(rest)
		if err != nil {
			return nil, fmt.Errorf("sealed: key file: %w", err)
		}
		return parseKey(raw, "file "+rest)
	case kind == "env":
		value := os.Getenv(rest)
		if value == "" {
			return nil, fmt.Errorf("sealed: the environment variable %s is not set", rest)
		}
		return parseKey([]byte(value), "environment variable "+rest)
	case kind == "command":
		return Command(ctx, rest)
	}
	return nil, errors.New("sealed: want file:PATH, env:NAME or command:PATH for a key; `dokuei keys make FILE` makes one")
}

func parseKey(raw []byte, where string) (KEK, error) {
	if len(raw) == keySize {
		return NewKEK(raw), nil
	}
	text := string(bytes.TrimSpace(raw))
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString} {
		if key, err := decode(text); err == nil && len(key) == keySize {
			return NewKEK(key), nil
		}
	}
	return nil, fmt.Errorf("sealed: %s does not hold 32 bytes, plain or as hex or base64; `dokuei keys make FILE` makes such a key", where)
}

// local is a KEK in our memory.
type local struct {
	id  string
	gcm cipher.AEAD
}

// NewKEK is the KEK of 32 random bytes.
func NewKEK(key []byte) KEK {
	sum := sha256.Sum256(append([]byte("dokuei key-encryption key\n"), key...))
	return &local{"k" + hex.EncodeToString(sum[:8]), aead(key)}
}

func (l *local) ID() string { return l.id }

func (l *local) Wrap(_ context.Context, key, bound []byte) ([]byte, error) {
	return wrap(l.gcm, key, bound), nil
}

func (l *local) Unwrap(_ context.Context, wrapped, bound []byte) ([]byte, error) {
	return unwrap(l.gcm, wrapped, bound)
}

// command is a KEK that never leaves its KMS or HSM.
type command struct{ path, id string }

// Command is the KEK behind a program. Called with "id" it prints what the key is
// called (1 to 64 of a-z, 0-9 and "_"; it changes when the key does). Called with
// "wrap" or "unwrap" it reads two lines of base64, the key and what it is bound to
// (the encryption context of a KMS), and prints one.
func Command(ctx context.Context, path string) (KEK, error) {
	c := &command{path: path}
	out, err := c.run(ctx, "id", nil)
	if err != nil {
		return nil, err
	}
	c.id = strings.TrimSpace(string(out))
	if c.id == "" || len(c.id) > 64 || strings.Trim(c.id, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return nil, fmt.Errorf("sealed: %s id: want 1 to 64 of a-z, 0-9 and _", path)
	}
	c.id = "c_" + c.id
	return c, nil
}

func (c *command) ID() string { return c.id }

func (c *command) Wrap(ctx context.Context, key, bound []byte) ([]byte, error) {
	return c.convert(ctx, "wrap", key, bound)
}

func (c *command) Unwrap(ctx context.Context, wrapped, bound []byte) ([]byte, error) {
	return c.convert(ctx, "unwrap", wrapped, bound)
}

func (c *command) convert(ctx context.Context, what string, in, bound []byte) ([]byte, error) {
	enc := base64.StdEncoding
	out, err := c.run(ctx, what, []byte(enc.EncodeToString(in)+"\n"+enc.EncodeToString(bound)+"\n"))
	if err != nil {
		return nil, err
	}
	raw, err := enc.DecodeString(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, fmt.Errorf("sealed: %s %s printed something that is not base64", c.path, what)
	}
	return raw, nil
}

func (c *command) run(ctx context.Context, what string, in []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, what)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		said := stderr.String()
		return nil, fmt.Errorf("sealed: %s %s: %w: %s", c.path, what, err, strings.TrimSpace(said[:min(len(said), 500)]))
	}
	return out, nil
}
