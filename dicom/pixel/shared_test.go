package pixel

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/internal/shareddata"
)

// truth is one row of PIXELS.tsv: the digest another decoder gives of a frame.
type truth struct {
	path, decoder, photometric, sha string
	frame                           int
	lossless                        bool
}

func readTruth(t *testing.T, dir string) []truth {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "PIXELS.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []truth
	s := bufio.NewScanner(f)
	s.Scan() // names of the columns
	for s.Scan() {
		c := strings.Split(s.Text(), "\t")
		n, err := strconv.Atoi(c[1])
		if err != nil {
			continue // a file without frames
		}
		rows = append(rows, truth{path: c[0], frame: n, decoder: c[3], lossless: c[5] == "yes", photometric: c[6], sha: c[11]})
	}
	return rows
}

// TestTruth compares every frame of a lossless syntax that can be decoded with
// what DCMTK, GDCM, OpenJPEG or Grok make of it.
func TestTruth(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	type key struct {
		path  string
		frame int
	}
	want := map[key]map[string]string{}
	var order []key
	for _, row := range readTruth(t, dir) {
		if !row.lossless {
			continue
		}
		k := key{row.path, row.frame}
		if want[k] == nil {
			want[k] = map[string]string{}
			order = append(order, k)
		}
		want[k][row.sha] = row.decoder + " " + row.photometric
	}
	same, broken, undecodable := 0, 0, map[string]int{}
	var r *Reader
	var file *os.File
	open := ""
	var fr Frame
	for _, k := range order {
		if k.path != open {
			open, r = k.path, nil
			if file != nil {
				file.Close()
			}
			var err error
			if file, err = os.Open(filepath.Join(dir, k.path)); err != nil {
				t.Fatal(err)
			}
			st, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			if r, err = Open(file, st.Size()); err != nil {
				t.Errorf("%s: %v", k.path, err)
				continue
			}
		}
		if r == nil {
			continue
		}
		err := r.Stored(context.Background(), k.frame, &fr)
		var none *NoDecoderError
		if errors.As(err, &none) {
			undecodable[none.TransferSyntaxUID]++
			continue
		}
		if err != nil && strings.HasPrefix(k.path, "derived/malformed/") {
			broken++ // others show what is left of these; we say where they end
			continue
		}
		if err != nil {
			t.Errorf("%s frame %d: %v", k.path, k.frame, err)
			continue
		}
		sum := sha256.Sum256(fr.Pix)
		if _, ok := want[k][hex.EncodeToString(sum[:])]; !ok {
			t.Errorf("%s frame %d: pixels differ from %v (%+v)", k.path, k.frame, want[k], r.Format())
			continue
		}
		same++
	}
	if file != nil {
		file.Close()
	}
	t.Logf("%d frames are bit exact, %d broken; without decoder: %v", same, broken, undecodable)
}
