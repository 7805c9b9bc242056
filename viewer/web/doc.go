// Package web holds the pages of the service: their TypeScript source and the
// files built from it, embedded into the binary.
//
// The pages are one Preact application (src/main.tsx) with a folder for each
// page: signin, worklist, reading, hospital, coordinator. They talk to the
// server through the JSON API of viewer/api only and keep nothing on the
// machine they run on but the chosen language, theme and panel widths.
//
// "npm run build" writes dist, which is not kept in the repository: a fresh
// clone embeds a single placeholder and [FS] says so, so that the Go program
// builds before (and without) Node.
//
// # Content security
//
// The pages run under default-src 'self': no inline script or style, no data:
// or blob: URL, no other origin. Everything that came from a scanner is put on
// the page as text, never as markup.
//
// # Left out
//
// Measurements, multi-planar reconstruction, comparison with priors and
// hanging protocols.
//
// # Memory and concurrency
//
// The embedded file system is read-only and safe for concurrent use.
package web
