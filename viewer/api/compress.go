package api

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// smallest is the shortest answer worth compressing.
const smallest = 1024

// levels says how each kind of answer is compressed; what is not named is sent
// as it is. Raw frames are coded with Huffman codes alone: on a CT slice that
// takes 1.3 ms and leaves 62 %, where matching takes 13 ms and leaves the same.
var levels = map[string]int{
	"application/json":         5,
	"application/problem+json": 5,
	"application/dicom+json":   5,
	"application/octet-stream": gzip.HuffmanOnly,
	"text/html":                5,
	"text/css":                 9, // asked for once: their names change with them
	"text/javascript":          9,
	"image/svg+xml":            5,
}

// packers reuses gzip writers, by level.
var packers = map[int]*sync.Pool{
	5:                newPackers(5),
	9:                newPackers(9),
	gzip.HuffmanOnly: newPackers(gzip.HuffmanOnly),
}

func newPackers(level int) *sync.Pool {
	return &sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, level)
		if err != nil {
			panic(err) // the levels are constants of this file
		}
		return w
	}}
}

// compressed packs answers for clients that accept gzip.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !acceptsGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		p := &packer{ResponseWriter: w}
		// A panic is answered by the door, which needs the writer undecided.
		next.ServeHTTP(p, r)
		p.close()
	})
}

// acceptsGzip reads an Accept-Encoding field, RFC 9110 §12.5.3.
func acceptsGzip(field string) bool {
	for part := range strings.SplitSeq(field, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !ok {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}

// packer holds the header back until the first bytes say whether packing pays.
type packer struct {
	http.ResponseWriter
	status  int
	decided bool
	gz      *gzip.Writer
	level   int
}

func (p *packer) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols { // what comes then is no answer of HTTP
		p.decided = true
		p.ResponseWriter.WriteHeader(status)
		return
	}
	if p.status == 0 {
		p.status = status
	}
}

func (p *packer) Write(b []byte) (int, error) {
	if !p.decided {
		p.decide(len(b))
	}
	if p.gz != nil {
		return p.gz.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// ReadFrom lets files go to the connection without a copy, when they are not packed.
func (p *packer) ReadFrom(r io.Reader) (int64, error) {
	if !p.decided {
		p.decide(0) // what is served from files says its length
	}
	if p.gz != nil {
		return io.Copy(p.gz, r)
	}
	return io.Copy(p.ResponseWriter, r)
}

// decide sends the header; n is the size of the first write.
func (p *packer) decide(n int) {
	p.decided = true
	h := p.Header()
	if length, err := strconv.Atoi(h.Get("Content-Length")); err == nil {
		n = length
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	level, packable := levels[kind]
	if packable {
		h.Add("Vary", "Accept-Encoding")
	}
	if packable && n >= smallest && h.Get("Content-Encoding") == "" && h.Get("Content-Range") == "" {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		p.level = level
		p.gz = packers[level].Get().(*gzip.Writer)
		p.gz.Reset(p.ResponseWriter)
	}
	if p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
}

// close ends the answer.
func (p *packer) close() {
	if !p.decided && p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
	if p.gz != nil {
		_ = p.gz.Close() // a client that has gone is not told
		packers[p.level].Put(p.gz)
	}
}

// FlushError sends what there is: live streams need it.
func (p *packer) FlushError() error {
	if !p.decided {
		p.decide(0)
	}
	if p.gz != nil {
		if err := p.gz.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }
