package hl7

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
)

// order holds kanji whose second byte in JIS X 0208 is that of each delimiter.
func order(t *testing.T) (text string) {
	t.Helper()
	var trap strings.Builder
	for _, second := range []byte{'^', '~', '\\', '&', '|'} {
		for first := byte(0x30); first < 0x40; first++ {
			b, err := japanese.ISO2022JP.NewDecoder().Bytes([]byte{0x1b, '$', 'B', first, second, 0x1b, '(', 'B'})
			if err != nil {
				t.Fatal(err)
			}
			trap.Write(b)
		}
	}
	return "MSH|^~\\&|HIS|KAIFU|DOKUEI|NPO|20261128083000||ORM^O01|42|P|2.5||||||~ISO IR87\r" +
		"PID|||123^^^KAIFU||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P\r" +
		"OBR|1|A1^HIS|F1&2.3&ISO|70450^頭部CT|\r" +
		"NTE|1||" + trap.String() + "|after\r"
}

func TestKanjiWithBytesOfDelimiters(t *testing.T) {
	t.Parallel()
	text := order(t)
	raw, err := japanese.ISO2022JP.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	roman := bytes.ReplaceAll(raw, []byte("\x1b(B"), []byte("\x1b(J")) // back to JIS X 0201 Roman instead of ASCII
	for name, raw := range map[string][]byte{"ascii": raw, "roman": roman} {
		m, err := Parse(raw)
		if err != nil {
			t.Fatal(name, err)
		}
		if m.Charset != JIS || m.Guessed {
			t.Errorf("%s: charset %q, guessed %v", name, m.Charset, m.Guessed)
		}
		note := m.Segment("NTE")
		if got := note.Text(4); got != "after" {
			t.Errorf("%s: the field after the kanji is %q", name, got)
		}
		if got := note.Field(3); len(got) != 1 || len(got[0]) != 1 || len(got[0][0]) != 1 || !strings.Contains(text, got[0][0][0]) {
			t.Errorf("%s: the kanji were split: %q", name, got)
		}
		if got := m.Segment("PID").Field(5); len(got) != 2 || got[0].Text(1) != "山田" || got[1].Text(2) != "タロウ" {
			t.Errorf("%s: PID-5 %q", name, got)
		}
		if got := m.Segment("OBR").Field(3)[0][0]; len(got) != 3 || got[1] != "2.3" {
			t.Errorf("%s: subcomponents %q", name, got)
		}
		if m.Type() != "ORM^O01" || m.ControlID() != "42" {
			t.Errorf("%s: type %q, control ID %q", name, m.Type(), m.ControlID())
		}
		again, lossless := m.Encode()
		if !lossless {
			t.Errorf("%s: encoding lost something", name)
		}
		back, err := Parse(again)
		if err != nil || back.Segment("NTE").Text(3) != note.Text(3) {
			t.Errorf("%s: not the same after a round: %v", name, err)
		}
	}
}

func TestCharsets(t *testing.T) {
	t.Parallel()
	head := func(charset string) string {
		return `MSH|^~\&|A|B|C|D|20260101||ORM^O01|1|P|2.5||||||` + charset + "\r"
	}
	sjis, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte("PID|||1||表示^能力\r")) // 表 and 能 end in 5C
	if err != nil {
		t.Fatal(err)
	}
	jis, err := japanese.ISO2022JP.NewEncoder().Bytes([]byte("PID|||1||表示^能力\r"))
	if err != nil {
		t.Fatal(err)
	}
	utf := []byte("PID|||1||表示^能力\r")
	for _, c := range []struct {
		name    string
		raw     []byte
		want    Charset
		guessed bool
	}{
		{"UTF-8 named", append([]byte(head("UNICODE UTF-8")), utf...), UTF8, false},
		{"UTF-8 not named", append([]byte(head("")), utf...), UTF8, true},
		{"JIS named with ASCII first", append([]byte(head("ASCII~ISO IR87")), jis...), JIS, false},
		{"JIS named with a space", append([]byte(head("~ISO IR 87~ISO IR14")), jis...), JIS, false},
		{"JIS not named", append([]byte(head("")), jis...), JIS, true},
		{"ASCII named, JIS sent", append([]byte(head("ASCII")), jis...), JIS, true},
		{"Shift JIS not named", append([]byte(head("")), sjis...), SJIS, true},
	} {
		m, err := Parse(c.raw)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Charset != c.want || m.Guessed != c.guessed {
			t.Errorf("%s: %q guessed %v", c.name, m.Charset, m.Guessed)
		}
		if pid := m.Segment("PID"); pid.Component(5, 1) != "表示" || pid.Component(5, 2) != "能力" {
			t.Errorf("%s: name %q", c.name, pid.Field(5))
		}
	}
	if _, err := Parse([]byte(head("KOI8-R"))); err == nil || !strings.Contains(err.Error(), "KOI8-R") {
		t.Errorf("unknown set: %v", err)
	}
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`a\F\b\S\c\T\d\R\e\E\f`: `a|b^c&d~e\f`,
		`line\.br\next`:         "line\nnext",
		`\X41\\X0D\`:            "A\r",
		`C:\scans\ct`:           `C:\scans\ct`,
		`\H\bold\N\`:            "bold",
		`open\F`:                `open\F`,
		`\Zlocal\x`:             "x",
	} {
		m, err := Parse([]byte("MSH|^~\\&|A\rNTE|1||" + in + "\r"))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Segment("NTE").Text(3); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	// A yen sign may be the escape character (JAHIS prints ^~¥&).
	m, err := Parse([]byte("MSH|^~¥&|A\rNTE|1||a¥F¥b\r"))
	if err != nil || m.Segment("NTE").Text(3) != "a|b" {
		t.Errorf("yen sign: %q %v", m.Segment("NTE").Text(3), err)
	}
}

func TestLossIsTold(t *testing.T) {
	t.Parallel()
	pid := Segment{Name: "PID"}
	pid.Set(5, Text("𠮷田〜花子"))
	m := Message{Segments: []Segment{{Name: "MSH"}, pid}, Charset: JIS}
	raw, lossless := m.Encode()
	if lossless {
		t.Error("a character JIS X 0208 does not have was not missed")
	}
	back, err := Parse(raw)
	if err != nil || back.Segment("PID").Text(5) != "〓田～花子" {
		t.Errorf("%q %v", back.Segment("PID").Text(5), err)
	}
	m.Charset = UTF8
	if _, lossless := m.Encode(); !lossless {
		t.Error("UTF-8 lost something")
	}
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"empty":             "",
		"no header":         "PID|1\r",
		"short":             "MSH|^~",
		"equal delimiters":  "MSH|||||||\r",
		"letters":           "MSHabcdefgh\r",
		"name of two":       "MSH|^~\\&|\rPI|1\r",
		"two messages":      "MSH|^~\\&|\rMSH|^~\\&|\r",
		"too many values":   "MSH|^~\\&|\rOBX|" + strings.Repeat("^", MaxValues) + "\r",
		"too many segments": "MSH|^~\\&|\r" + strings.Repeat("NTE\r", MaxSegments),
	} {
		if _, err := Parse([]byte(raw)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAck(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte("MSH|^~\\&|HIS|KAIFU|DOKUEI|NPO|2026||ORM^O01|7|T|2.4||||||UNICODE UTF-8\r"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.FixedZone("JST", 9*3600))
	raw, _ := Ack(m, Error, "no hospital | of this name", "c1", at).Encode()
	want := "MSH|^~\\&|DOKUEI|NPO|HIS|KAIFU|20261128090000+0900||ACK^O01^ACK|c1|T|2.4||||||UNICODE UTF-8\rMSA|AE|7|no hospital \\F\\ of this name\r"
	if string(raw) != want {
		t.Errorf("got  %q\nwant %q", raw, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("MSH|^~\\&|A|B|C|D|2026||ORM^O01|1|P|2.5\rPID|||1||A^B\\F\\&c~d\r"))
	f.Add([]byte("MSH|^~\\&|||||||ORM^O01|1|P|2.5||||||~ISO IR87\rPID|||1||\x1b$B;3ED\x1b(B^\x1b$B\r"))
	f.Add([]byte("MSH|^~¥&|\x83\x5c\rNTE|¥X¥¥"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		m.Charset = UTF8
		for i := range m.Segments {
			if m.Segments[i].Name == "MSH" {
				m.Segments[i].Set(18, UTF8.Names())
			}
		}
		var written [3][]byte // control characters go at the first writing, trailing empty fields at the second
		for i := range written {
			written[i], _ = m.Encode()
			if m, err = Parse(written[i]); err != nil {
				t.Fatalf("what we write we do not read: %v\n%q", err, written[i])
			}
		}
		if !bytes.Equal(written[1], written[2]) {
			t.Fatalf("not stable:\n%q\n%q", written[1], written[2])
		}
	})
}
