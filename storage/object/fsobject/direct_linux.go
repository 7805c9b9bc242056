package fsobject

import (
	"errors"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// directFile is a file that is written past the page cache (open(2), O_DIRECT)
// for as long as writes are aligned: what is received is read from memory by those
// who want it at once, and a page cache filled with it would only be paid for, page
// by page. The first write that is not aligned, which is the end of the object,
// and everything after it go the usual way.
type directFile struct {
	fd     int
	name   string
	direct bool
}

// createDirect makes a new file. Where the file system knows no O_DIRECT it is
// written the usual way.
func createDirect(name string) (File, error) {
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_CLOEXEC
	for direct := unix.O_DIRECT; ; {
		fd, err := unix.Open(name, flags|direct, 0o600)
		switch {
		case err == nil:
			return &directFile{fd, name, direct != 0}, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EINVAL) && direct != 0:
			direct = 0
			// Some kernels have made the file before they find that out.
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		default:
			return nil, &os.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

func (f *directFile) Write(b []byte) (n int, err error) {
	for n < len(b) {
		part := b[n:]
		if f.direct {
			if part = whole(part); len(part) == 0 {
				if err := f.buffered(); err != nil {
					return n, err
				}
				continue
			}
		}
		m, err := unix.Write(f.fd, part)
		switch {
		case err == nil:
			n += m
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EINVAL) && f.direct: // a disk with larger blocks, say
			if err := f.buffered(); err != nil {
				return n, err
			}
		default:
			return n, &os.PathError{Op: "write", Path: f.name, Err: err}
		}
	}
	return n, nil
}

// whole is the part of b that can be written directly: whole blocks, at an address
// that is a multiple of a block. So is the offset, because all before was.
func whole(b []byte) []byte {
	if uintptr(unsafe.Pointer(unsafe.SliceData(b)))%blockSize != 0 {
		return nil
	}
	return b[:len(b)/blockSize*blockSize]
}

// buffered turns to the page cache. The kernel keeps both ways coherent.
func (f *directFile) buffered() error {
	f.direct = false
	if _, err := unix.FcntlInt(uintptr(f.fd), unix.F_SETFL, unix.O_RDWR); err != nil {
		return &os.PathError{Op: "fcntl", Path: f.name, Err: err}
	}
	return nil
}

func (f *directFile) ReadAt(b []byte, off int64) (n int, err error) {
	if f.direct {
		if err := f.buffered(); err != nil {
			return 0, err
		}
	}
	for n < len(b) {
		m, err := unix.Pread(f.fd, b[n:], off+int64(n))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return n, &os.PathError{Op: "read", Path: f.name, Err: err}
		case m == 0:
			return n, io.EOF
		default:
			n += m
		}
	}
	return n, nil
}

func (f *directFile) Sync() error {
	for {
		err := unix.Fsync(f.fd)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return &os.PathError{Op: "fsync", Path: f.name, Err: err}
		}
		return nil
	}
}

func (f *directFile) Close() error {
	if err := unix.Close(f.fd); err != nil && !errors.Is(err, unix.EINTR) { // closed all the same
		return &os.PathError{Op: "close", Path: f.name, Err: err}
	}
	return nil
}

// renameNew: renameat2(2) with RENAME_NOREPLACE. EINVAL is a file system without it,
// ENOSYS a kernel, EPERM a sandbox.
func renameNew(from, to string) error {
	for {
		err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
			err = errors.ErrUnsupported
		}
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
}
