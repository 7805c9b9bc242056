package fsobject

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flush writes the whole file system of dir to the medium (syncfs(2)).
func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(d.Fd())), d.Close())
}
