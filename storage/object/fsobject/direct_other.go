//go:build !linux

package fsobject

func createDirect(name string) (File, error) { return create(name) }
