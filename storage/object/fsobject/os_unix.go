//go:build linux || darwin

package fsobject

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// busy: a name can always be replaced here.
func busy(error) bool { return false }

func sizeOf(string) int64 { return -1 }

// notDirectory: a part of the path is a file.
func notDirectory(err error) bool { return errors.Is(err, unix.ENOTDIR) }

// unreadable: the medium does not give the bytes.
func unreadable(err error) bool { return errors.Is(err, unix.EIO) }

// readOnly: the volume takes no changes.
func readOnly(err error) bool { return errors.Is(err, unix.EROFS) }
