package api

import "net/http"

// contentSecurityPolicy allows our own files and nothing inline. Images come as
// blobs when a page has fetched them itself; PDF is shown in a frame of ours. The
// decoder of HTJ2K is WebAssembly, which has to be allowed by name.
const contentSecurityPolicy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; worker-src 'self' blob:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'self' blob:; frame-ancestors 'none'"

// documentPolicy is for stored documents that a browser opens by itself: they
// may do nothing but be drawn, and only our own pages may frame them.
const documentPolicy = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"

// secure sets what every answer carries. listening says that readers of this
// house dictate: their own pages may ask for the microphone.
func secure(next http.Handler, listening bool) http.Handler {
	policy := "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
	if listening {
		policy = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
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
