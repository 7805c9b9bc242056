package api

import (
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// pages serves the embedded front-end. Every path that is no file is a page of
// the application and gets index.html, which asks for itself what to show.
func (s *server) pages(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if s.Pages == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = io.WriteString(w, "This program was built without its pages. Build it with `make build`.\n")
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	file, err := fs.File(nil), fs.ErrNotExist
	if !strings.HasPrefix(name, ".") { // what keeps a folder in the repository is no page
		file, err = s.Pages.Open(name)
	}
	if err != nil || name == "" || isDir(file) {
		if strings.HasPrefix(name, "assets") || path.Ext(name) != "" || strings.HasPrefix(name, ".") {
			http.NotFound(w, r) // a file that is not here, or an asset of another version: not a page
			return
		}
		name = "index.html"
		if file, err = s.Pages.Open(name); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	defer file.Close()
	if strings.HasPrefix(name, "assets/") { // named by their content
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	if ct := mime.TypeByExtension(path.Ext(name)); ct != "" {
		w.Header().Set("Content-Type", ct)
	}
	if st, err := file.Stat(); err == nil { // it decides whether packing is worth it
		w.Header().Set("Content-Length", strconv.FormatInt(st.Size(), 10))
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, file)
	}
}

// moduleScript is the one script of a page that is fetched with it.
var moduleScript = regexp.MustCompile(`<script type="module"[^>]* src="([^"]+)"`)

// buildOf tells pages of one build from those of another, as the page itself can: the
// script is named by its content and that of all it imports; "" without pages.
func buildOf(pages fs.FS) string {
	if pages == nil {
		return ""
	}
	index, err := fs.ReadFile(pages, "index.html")
	if err != nil {
		return ""
	}
	if script := moduleScript.FindSubmatch(index); script != nil {
		return string(script[1])
	}
	return ""
}

func isDir(f fs.File) bool {
	if f == nil {
		return true
	}
	st, err := f.Stat()
	return err != nil || st.IsDir()
}
