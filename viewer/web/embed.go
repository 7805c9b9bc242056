package web

import (
	"embed"
	"io/fs"
)

// dist is what "npm run build" wrote; "all:" because the placeholder of a
// fresh clone begins with a dot.
//
//go:embed all:dist
var dist embed.FS

// FS returns the built pages with index.html at the root. It reports false
// when they have not been built.
func FS() (fs.FS, bool) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(sub, "index.html"); err != nil {
		return sub, false
	}
	return sub, true
}
