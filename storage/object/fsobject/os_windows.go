package fsobject

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// syncDir: NTFS journals names, and a folder's handle cannot be flushed without
// privileges.
func syncDir(string) error { return nil }

// busy: somebody has the name open.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

func sizeOf(name string) int64 {
	st, err := os.Stat(name)
	if err != nil {
		return -1
	}
	return st.Size()
}

// notDirectory: a part of the path is a file.
func notDirectory(err error) bool {
	return errors.Is(err, windows.ERROR_DIRECTORY) || errors.Is(err, windows.ERROR_PATH_NOT_FOUND)
}

// unreadable: the medium does not give the bytes.
func unreadable(err error) bool {
	return errors.Is(err, windows.ERROR_CRC) || errors.Is(err, windows.ERROR_IO_DEVICE) || errors.Is(err, windows.ERROR_SECTOR_NOT_FOUND)
}

// readOnly: the volume takes no changes.
func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }
