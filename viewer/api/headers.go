package api

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"regexp"
)

// contentSecurityPolicy allows our own files and nothing inline but the scripts of our
// own page, each by its hash. Images come as blobs when a page has fetched them itself;
// PDF is shown in a frame of ours. The decoder of HTJ2K is WebAssembly, which has to be
// allowed by name.
func contentSecurityPolicy(pages fs.FS) string {
	return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" + inlineScripts(pages) + "; img-src 'self' blob: data:; worker-src 'self' blob:; " +
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'self' blob:; frame-ancestors 'none'"
}

// inlineScript is one as the build writes it: without attributes.
var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// inlineScripts are the sources of a policy that allow the scripts within index.html
// (CSP Level 3 §2.3.1); "" without pages.
func inlineScripts(pages fs.FS) (out string) {
	if pages == nil {
		return ""
	}
	index, err := fs.ReadFile(pages, "index.html")
	if err != nil {
		return "" // not built: there is nothing to run
	}
	for _, one := range inlineScript.FindAllSubmatch(index, -1) {
		sum := sha256.Sum256(one[1])
		out += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return out
}

// documentPolicy is for stored documents that a browser opens by itself: they
// may do nothing but be drawn, and only our own pages may frame them.
const documentPolicy = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"

// secure sets what every answer carries. listening says that readers of this
// house dictate: their own pages may ask for the microphone.
func secure(next http.Handler, pages fs.FS, listening bool) http.Handler {
	content := contentSecurityPolicy(pages)
	policy := "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
	if listening {
		policy = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", content)
		h.Set("X-Frame-Options", "DENY") // for what does not know frame-ancestors
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", policy)
		if encrypted(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}
