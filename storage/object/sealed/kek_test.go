//go:build unix

package sealed_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/object/sealed"
)

func TestParseKEK(t *testing.T) {
	raw := bytes.Repeat([]byte{7}, 32)
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	t.Setenv("IMAGES_KEY", base64.StdEncoding.EncodeToString(raw))
	for _, text := range []string{file(string(raw)), file(hex.EncodeToString(raw) + "\n"), file(base64.StdEncoding.EncodeToString(raw) + "\r\n"), "env:IMAGES_KEY"} {
		k, err := sealed.ParseKEK(t.Context(), text)
		if err != nil || k.ID() != kek(7).ID() {
			t.Errorf("%s: %v", text, err)
		}
	}
	hush := strings.Repeat("hush", 5)
	t.Setenv("SHORT", hush)
	for _, text := range []string{"", "file:", "file:/nowhere", "env:NOT_SET", "env:SHORT", file(hush), "hush:x", hush, "command:/nowhere"} {
		if _, err := sealed.ParseKEK(t.Context(), text); err == nil || strings.Contains(err.Error(), hush) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A stand-in for a KMS: it "encrypts" by putting the bound data before the key, and
// refuses other bound data.
const kms = `#!/bin/sh
case "$1" in
id) echo hospital_2026 ;;
wrap) read key; read bound; printf '%%s.%%s' "$bound" "$key" | base64 -w0 ;;
unwrap) read wrapped; read bound; text=$(echo "$wrapped" | base64 -d)
  [ "${text%%%%.*}" = "$bound" ] || { echo "other context" >&2; exit 1; }
  echo "${text#*.}" ;;
esac
`

func TestCommand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kms")
	if err := os.WriteFile(path, fmt.Appendf(nil, kms), 0o700); err != nil {
		t.Fatal(err)
	}
	k, err := sealed.ParseKEK(t.Context(), "command:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if k.ID() != "c_hospital_2026" {
		t.Error(k.ID())
	}
	inner, _ := disk(t)
	put(t, mustOpen(t, inner, k), "a", []byte("x"))
	want(t, mustOpen(t, inner, k), "a", []byte("x"))
	wrapped, err := k.Wrap(t.Context(), []byte("key"), []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Unwrap(t.Context(), wrapped, []byte("two")); err == nil || !strings.Contains(err.Error(), "other context") {
		t.Errorf("bound to something else: %v", err)
	}
}
