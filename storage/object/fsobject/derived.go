package fsobject

import (
	"errors"
	"io/fs"
	"os"
)

// A derived store is not synced. The file "boot" names the run of the machine in
// which the store was opened; Close flushes everything and removes it. Found under
// another run, files may be torn, and everything is thrown away.
const bootFile = "boot"

func (s *Store) distrust() error {
	boot := bootID()
	before, err := os.ReadFile(s.path(bootFile))
	switch {
	case errors.Is(err, fs.ErrNotExist): // new, or closed
	case err != nil:
		return err
	case boot == "" || string(before) != boot:
		if err := os.RemoveAll(s.path(objectsFolder)); err != nil {
			return err
		}
		if err := os.Mkdir(s.path(objectsFolder), 0o700); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(s.path(bootFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(boot)
	return errors.Join(err, f.Sync(), f.Close(), s.files.SyncDir(s.root))
}

func (s *Store) trust() error {
	if err := flush(s.root); err != nil {
		return err
	}
	return errors.Join(os.Remove(s.path(bootFile)), s.files.SyncDir(s.root))
}
