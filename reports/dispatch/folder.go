package dispatch

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

var extensions = map[string]string{
	deliver.PDF: ".pdf", deliver.SR: ".dcm", deliver.Enhanced: ".enhanced.dcm",
	deliver.Measurements: ".measurements.dcm", deliver.Keys: ".keys.dcm", deliver.Text: ".txt", deliver.ORU: ".hl7", deliver.FHIR: ".json",
}

// folder writes a file into a watched folder. The name tells nothing of a
// patient; the file appears under it when it is whole, and stays: that it was delivered
// is written down next.
func folder(u *url.URL, r *reports.Report, kind string, body []byte) (string, error) {
	path := filepath.FromSlash(u.Path)
	if drive := strings.TrimPrefix(u.Path, "/"); filepath.VolumeName(filepath.FromSlash(drive)) != "" {
		path = filepath.FromSlash(drive) // file:///C:/reports
	}
	name := fmt.Sprintf("report-%s-v%d-%s%s", r.ID, r.Version, r.ContentHash[:12], extensions[kind])
	f, err := os.CreateTemp(path, ".dokuei-*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &deliver.RefusalError{Reason: "the folder of the destination is not there"}
	case err != nil:
		return "", &deliver.RefusalError{Reason: "the folder of the destination cannot be written to"}
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone when it was renamed
	_, err = f.Write(body)
	err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(path, name))
	}
	if err == nil {
		err = fsobject.OS().SyncDir(path)
	}
	if err != nil {
		return "", &deliver.RefusalError{Reason: "the folder of the destination cannot be written to"}
	}
	return name, nil
}
