package j2k_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

// TestOpenJPEGStreams lets OpenJPEG, when it is installed, write streams with what the
// code-streams of ISO 15444-4 have, one thing or several at a time, and decode them
// again: ours are the same planes, by at most one where the transformation is not
// reversible.
func TestOpenJPEGStreams(t *testing.T) {
	t.Parallel()
	compress, err := exec.LookPath("opj_compress")
	if err != nil {
		t.Skip("opj_compress is not installed (Debian: libopenjp2-tools): its streams of every kind are not compared")
	}
	for i, c := range []struct {
		shape string // of opj_compress -F
		args  string
	}{
		{"61,47,1,8,u", "-p LRCP -n 4 -r 20,10,1 -SOP -EPH"},
		{"61,47,1,8,u", "-p RLCP -n 4 -r 20,10,1 -M 63"},
		{"61,47,1,8,u", "-p RPCL -n 3 -c [16,16],[8,8] -b 4,4 -r 5,1 -SOP"},
		{"61,47,3,8,u", "-p PCRL -c [32,32],[16,16],[8,8] -b 8,8 -EPH"},
		{"61,47,3,8,u", "-p CPRL -c [64,64] -mct 1 -TP R"},
		{"90,70,3,12,u", "-mct 0 -t 37,37 -d 17,12 -T 8,3 -n 4 -p PCRL -c [16,16]"},
		{"90,70,3,12,u", "-I -t 37,37 -d 17,12 -T 8,3 -n 4 -p PCRL -c [16,16] -r 3"},
		{"12,12,3,8,u", "-t 3,3 -n 2 -I -r 2 -SOP -EPH"},
		{"12,12,3,8,u", "-t 3,3 -n 2"},
		{"64,64,1,16,u", "-M 1 -n 3"},
		{"64,64,1,16,u", "-M 2"},
		{"64,64,1,16,u", "-M 4"},
		{"64,64,1,16,u", "-M 5"},
		{"64,64,1,16,u", "-M 8"},
		{"64,64,1,16,u", "-M 16"},
		{"64,64,1,16,u", "-M 32"},
		{"64,64,1,16,u", "-M 13"},
		{"64,64,1,16,u", "-M 21 -r 4,1"},
		{"64,64,1,16,s", "-n 2 -M 3"},
		{"50,50,1,12,s", "-I -r 4 -M 5"},
		{"80,60,1,12,u", "-ROI c=0,U=7"},
		{"80,60,1,8,u", "-ROI c=0,U=11 -t 40,40 -M 36"},
		{"80,60,4,8,u@1x1:1x1:2x2:2x2", "-mct 0 -n 5 -p PCRL -r 6,3,1"},
		{"80,60,4,12,u@1x1:2x1:1x2:2x2", "-mct 0 -n 5 -I -p RPCL -r 8,4"},
		{"80,60,4,12,u@1x1:2x1:1x2:2x2", "-mct 0 -n 4 -p CPRL -t 33,29 -d 5,7 -T 2,1"},
		{"48,40,2,8,u@4x1:1x1", "-mct 0 -n 2 -p RPCL -c [8,8],[4,4] -b 4,4 -d 4,0 -T 4,0 -SOP -EPH"},
		{"12,60,2,8,u@2x3:3x2", "-mct 0 -n 2"},
		{"64,64,3,8,u@4x4:4x4:4x4", "-t 32,32 -mct 1 -n 4 -TP L -r 9,1"},
		{"40,30,3,8,u", "-TP C -t 20,20 -n 3 -p CPRL"},
		{"40,30,3,8,u", "-POC T0=0,0,1,5,3,CPRL -n 5"},
		{"40,30,3,8,u", "-POC T0=0,0,1,3,3,RLCP/T0=3,0,1,5,3,CPRL -n 5"},
		{"128,1,1,8,u", "-n 1 -M 32 -EPH -c [128,2]"},
		{"3,5,1,8,u", "-n 2 -b 32,32 -M 4 -SOP"},
		{"1,1,257,8,u", "-n 1 -mct 0 -b 32,32"},
		{"17,37,1,8,u", "-I -n 5"},
		{"1,1,1,16,s", "-n 1"},
		{"1,65,1,12,u", "-n 1"},
		{"63,1,1,12,u", "-n 1 -I"},
		{"33,44,1,1,u", ""},
		{"33,44,1,2,u", ""},
		{"33,44,1,3,s", ""},
		{"33,44,1,4,s", "-t 16,16 -n 2"},
		{"33,44,1,5,u", ""},
		{"33,44,1,6,u", ""},
		{"33,44,1,7,s", ""},
		{"33,44,1,9,u", ""},
		{"33,44,1,10,s", ""},
		{"33,44,1,11,u", ""},
		{"33,44,1,13,s", ""},
		{"33,44,1,14,u", ""},
		{"33,44,1,15,s", ""},
		{"200,200,3,8,u", "-I -r 30,20,10,5 -n 6"},
		{"200,200,1,12,u", "-q 30,40,50 -n 6 -p RLCP"},
		{"60,60,1,8,u", "-o2 jp2"},
	} {
		t.Run(fmt.Sprint(i, " ", c.shape, " ", c.args), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in, out, back := filepath.Join(dir, "in.rawl"), filepath.Join(dir, "out.j2k"), filepath.Join(dir, "back.pgx")
			args, wrapped := strings.CutSuffix(c.args, "-o2 jp2")
			if wrapped {
				out = filepath.Join(dir, "out.jp2")
			}
			if err := os.WriteFile(in, rawSamples(t, c.shape), 0o600); err != nil {
				t.Fatal(err)
			}
			if text, err := exec.Command(compress, append([]string{"-i", in, "-o", out, "-F", c.shape}, strings.Fields(args)...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			src, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := exec.Command("opj_decompress", "-i", out, "-o", back).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			planes, err := new(j2k.Decoder).DecodePlanes(src, codec.Options{})
			if err != nil {
				t.Fatal(err)
			}
			most := 0
			if strings.Contains(args, "-I") {
				most = 1
			}
			for c, p := range planes {
				want := readPGX(t, filepath.Join(dir, fmt.Sprintf("back_%d.pgx", c)))
				if want.Width != p.Width || want.Height != p.Height || want.Precision != p.Precision || want.Signed != p.Signed {
					t.Fatalf("component %d: %d × %d of %d bits, OpenJPEG %d × %d of %d", c, p.Width, p.Height, p.Precision, want.Width, want.Height, want.Precision)
				}
				if largest, differ := codectest.Difference(p.Pix, want.Pix, codec.BytesPerSample(p.Precision)); largest > most {
					t.Errorf("component %d: %d samples differ, by at most %d", c, differ, largest)
				}
			}
		})
	}
}

// TestOpenJPEGMixed: code-blocks of OpenJPEG, with segments for some or each of their passes in
// the first packet, are the same when the style says that some might be HT. They are so small
// that their lengths keep Lblock at 3, which no HT block has.
func TestOpenJPEGMixed(t *testing.T) {
	t.Parallel()
	compress, err := exec.LookPath("opj_compress")
	if err != nil {
		t.Skip("opj_compress is not installed (Debian: libopenjp2-tools): its code-blocks are not read as possibly HT")
	}
	compared := 0
	for _, args := range []string{"-r 3 -M 0", "-r 2 -M 1", "-r 3 -M 4", "-r 2 -M 5", "-M 1 -n 2 -r 8,3", "-M 5 -n 3 -r 9,6,4", "-r 3 -M 13", "-r 2 -M 33 -n 1"} {
		for _, shape := range []string{"61,47,1,8,u", "64,64,1,16,u", "33,65,1,12,s"} {
			dir := t.TempDir()
			in, out := filepath.Join(dir, "in.rawl"), filepath.Join(dir, "out.j2k")
			if err := os.WriteFile(in, rawSamples(t, shape), 0o600); err != nil {
				t.Fatal(err)
			}
			if text, err := exec.Command(compress, append([]string{"-i", in, "-o", out, "-F", shape, "-b", "4,4"}, strings.Fields(args)...)...).CombinedOutput(); err != nil {
				t.Logf("%s %s: OpenJPEG does not write it: %s", shape, args, text)
				continue
			}
			src, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			var want, got codec.Image
			if err := new(j2k.Decoder).Decode(&want, src, codec.Options{}); err != nil {
				t.Fatalf("%s %s: %v", shape, args, err)
			}
			src[bytes.Index(src, []byte{0xFF, 0x52})+12] |= 0xC0 // SPcod: the code-block style
			if err := new(j2k.Decoder).Decode(&got, src, codec.Options{}); err != nil {
				t.Errorf("%s %s: %v", shape, args, err)
			} else if !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s %s: other samples", shape, args)
			}
			compared++
		}
	}
	if compared < 12 {
		t.Errorf("only %d streams were compared", compared)
	}
}

// readPGX reads a component as the reference images of ISO 15444-4 are kept.
func readPGX(t *testing.T, name string) (p j2k.Plane) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, pix, _ := bytes.Cut(b, []byte("\n"))
	var sign string
	if _, err := fmt.Sscanf(strings.NewReplacer("+", "+ ", "-", "- ").Replace(string(head)), "PG ML %s %d %d %d", &sign, &p.Precision, &p.Width, &p.Height); err != nil {
		t.Fatalf("%q: %v", head, err)
	}
	p.Signed, p.Pix = sign == "-", bytes.Clone(pix)
	if p.Precision > 8 {
		for i := 0; i+1 < len(p.Pix); i += 2 {
			p.Pix[i], p.Pix[i+1] = p.Pix[i+1], p.Pix[i]
		}
	}
	return p
}

// rawSamples makes samples that change slowly, with some noise, for a shape.
func rawSamples(t *testing.T, shape string) []byte {
	t.Helper()
	var w, h, n, precision int
	shape, grid, _ := strings.Cut(shape, "@")
	var sign string
	if _, err := fmt.Sscanf(strings.ReplaceAll(shape, ",", " "), "%d %d %d %d %s", &w, &h, &n, &precision, &sign); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(grid, ":")
	rng := rand.New(rand.NewPCG(uint64(w), uint64(precision)))
	var out bytes.Buffer
	for c := range n {
		dx, dy := 1, 1
		if grid != "" {
			if _, err := fmt.Sscanf(steps[c], "%dx%d", &dx, &dy); err != nil {
				t.Fatal(err)
			}
		}
		for y := range (h + dy - 1) / dy {
			for x := range (w + dx - 1) / dx {
				top := 1 << precision
				v := (x*y*top/512 + c*top/5 + x*top/64 + rng.IntN(1+top/16)) % top
				if sign == "s" {
					v -= top / 2
				}
				out.WriteByte(byte(v))
				if precision > 8 {
					out.WriteByte(byte(v >> 8))
				}
			}
		}
	}
	return out.Bytes()
}
