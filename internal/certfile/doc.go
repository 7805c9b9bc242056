// Package certfile reads certificates and keys from PEM files and reads them
// again when the files change, so that a renewed certificate is in use without
// a restart.
//
// The files are looked at when somebody asks, at most once in Every; nothing
// runs in the background. What cannot be read, or does not fit together yet
// because only one of two files has been replaced, leaves the last good version
// in use and is logged once for each state of the files.
//
// A Source is safe for concurrent use.
package certfile
