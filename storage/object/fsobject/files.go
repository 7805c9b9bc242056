package fsobject

import (
	"io"
	"os"

	"github.com/dokuei/dokuei/internal/disk"
)

// Files is the part of the file system that durability rests on. It is an
// interface so that tests can fail or forget at any of its calls.
type Files interface {
	// Create makes a new file, readable by this user only, whose content is not
	// wanted in the page cache, if that can be helped.
	Create(name string) (File, error)
	// Mkdir makes a folder; an error that matches fs.ErrExist is fine.
	Mkdir(name string) error
	// Rename replaces the name atomically.
	Rename(from, to string) error
	// RenameNew is Rename where nothing is under the name: fs.ErrExist when there is,
	// errors.ErrUnsupported where the file system cannot tell.
	RenameNew(from, to string) error
	Remove(name string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(name string) error
	// Space is what this user may still write at dir, and the size of the volume.
	Space(dir string) (free, total int64, err error)
}

// File is an open spool file.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
}

// OS is the real file system, for tests that wrap it.
func OS() Files { return osFiles{} }

// osFiles is the real file system.
type osFiles struct{}

func (osFiles) Create(name string) (File, error)                { return createDirect(name) }
func (osFiles) Mkdir(name string) error                         { return os.Mkdir(name, 0o700) }
func (osFiles) Rename(from, to string) error                    { return os.Rename(from, to) }
func (osFiles) RenameNew(from, to string) error                 { return renameNew(from, to) }
func (osFiles) Remove(name string) error                        { return os.Remove(name) }
func (osFiles) SyncDir(name string) error                       { return syncDir(name) }
func (osFiles) Space(dir string) (free, total int64, err error) { return disk.Space(dir) }
