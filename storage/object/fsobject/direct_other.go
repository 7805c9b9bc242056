//go:build !linux

package fsobject

import "os"

func createDirect(name string) (File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}
