package db

import (
	"errors"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// datasyncName is SQLite's file system with fdatasync(2) in the place of fsync(2),
// which is what SQLite asks for where it is compiled with HAVE_FDATASYNC; the driver is
// not. The write-ahead log is written over and over at one length: fsync flushes the
// journal of the file system, too, for the time of the file, and the COMMIT of
// everybody waits for that.
const datasyncName = "dokuei-datasync"

// dirsync is UNIXFILE_DIRSYNC of SQLite's os_unix.c: the folder of the file is still to
// be synced.
const dirsync = 0x08

// datasyncFS registers the file system. It is empty, and the default one is used, where
// that is not what is known.
var datasyncFS = sync.OnceValue(func() string {
	tls := libc.NewTLS()
	defer tls.Close()
	unixVFS := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if unixVFS == 0 {
		return ""
	}
	name, err := libc.CString(datasyncName)
	if err != nil {
		return ""
	}
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	if own == 0 {
		return ""
	}
	vfs := *at[sqlite3.Tsqlite3_vfs](unixVFS)
	datasync.open = *(*openFunc)(unsafe.Pointer(&struct{ uintptr }{vfs.FxOpen}))
	vfs.FpNext, vfs.FzName = 0, name
	vfs.FxOpen = address(openDatasync)
	*at[sqlite3.Tsqlite3_vfs](own) = vfs
	if sqlite3.Xsqlite3_vfs_register(tls, own, 0) != sqlite3.SQLITE_OK {
		return ""
	}
	return datasyncName
})

type (
	openFunc = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	syncFunc = func(tls *libc.TLS, file uintptr, flags int32) int32
)

// datasync is what stands behind the file system.
var datasync struct {
	open openFunc // of the one it is made of

	mu      sync.Mutex
	methods map[uintptr]uintptr // its methods to ours, which differ in xSync
	sync    map[uintptr]syncFunc
}

// openDatasync is xOpen (https://sqlite.org/c3ref/vfs.html).
func openDatasync(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	rc := datasync.open(tls, vfs, name, file, flags, outFlags)
	f := at[sqlite3.Tsqlite3_file](file)
	if rc == sqlite3.SQLITE_OK && f.FpMethods != 0 {
		f.FpMethods = withDatasync(tls, f.FpMethods)
	}
	return rc
}

// withDatasync gives a table of methods in which xSync is ours.
func withDatasync(tls *libc.TLS, methods uintptr) uintptr {
	datasync.mu.Lock()
	defer datasync.mu.Unlock()
	if own, ok := datasync.methods[methods]; ok {
		return own
	}
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	if own == 0 {
		return methods
	}
	table := *at[sqlite3.Tsqlite3_io_methods](methods)
	if datasync.methods == nil {
		datasync.methods, datasync.sync = make(map[uintptr]uintptr), make(map[uintptr]syncFunc)
	}
	datasync.sync[own] = *(*syncFunc)(unsafe.Pointer(&struct{ uintptr }{table.FxSync}))
	table.FxSync = address(syncData)
	*at[sqlite3.Tsqlite3_io_methods](own) = table
	datasync.methods[methods] = own
	return own
}

// syncData is xSync (https://sqlite.org/c3ref/io_methods.html). A new file whose folder
// is to be synced, too, goes the old way.
func syncData(tls *libc.TLS, file uintptr, flags int32) int32 {
	f := at[sqlite3.TunixFile](file)
	if f.FctrlFlags&dirsync != 0 {
		datasync.mu.Lock()
		whole := datasync.sync[f.FpMethod]
		datasync.mu.Unlock()
		return whole(tls, file, flags)
	}
	for {
		err := unix.Fdatasync(int(f.Fh))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			var no unix.Errno
			if errors.As(err, &no) {
				f.FlastErrno = int32(no)
			}
			return sqlite3.SQLITE_IOERR_FSYNC
		}
		return sqlite3.SQLITE_OK
	}
}

// at is what lies at an address of SQLite's memory, which the collector does not move.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// address is that of a function of ours as SQLite calls it.
func address[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f})) }
