//go:build !linux

package db

// datasyncFS names no file system: the default one is used.
func datasyncFS() string { return "" }
