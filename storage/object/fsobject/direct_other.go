//go:build !linux

package fsobject

import (
	"errors"
	"os"
)

func createDirect(name string) (File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

func renameNew(string, string) error { return errors.ErrUnsupported }
