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
// # Images
//
// src/viewport shows them on a 2-D canvas. A Stage is what a reader has before
// them, panes (Viewer) in a grid over one Loader; a tool is a state machine over
// the presses on a pane (tools), marks lie in image coordinates and are measured
// with the spacing of their frame (marks, space). A series comes as one stream
// (bundle), which is decoded in workers by OpenJPH in WebAssembly.
//
// The shell, all that the first image waits for, is at most 60 KB gzip. What is
// worked with after it (marks, key images, comparison, keys, print) is the bench,
// fetched when the first image is there; planes and slabs (mpr) when asked for.
//
// # Content security
//
// The pages run under default-src 'self': no inline script or style, no other
// origin; WebAssembly is allowed for the decoder. Everything that came from a scanner is put on
// the page as text, never as markup.
//
// # Left out
//
// Oblique planes, volume rendering, calibration of ultrasound regions, overlay
// planes and presentation states, marks of other vendors' reports, and looking at
// the same images together.
//
// # Memory and concurrency
//
// The embedded file system is read-only and safe for concurrent use.
package web
