package s3object

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"

	"github.com/minio/minio-go/v7"

	"github.com/dokuei/dokuei/storage/object"
)

// answer is the service's own error, if it is one.
func answer(err error) (minio.ErrorResponse, bool) {
	var r minio.ErrorResponse
	ok := errors.As(err, &r)
	return r, ok
}

func isStatus(err error, status int) bool {
	r, ok := answer(err)
	return ok && r.StatusCode == status
}

func isNotFound(err error) bool {
	r, ok := answer(err)
	return ok && r.StatusCode == http.StatusNotFound && r.Code != minio.NoSuchBucket
}

// passing reports whether asking again may help. What is not an answer of the
// service is the network, or a body cut short, and may.
func passing(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	if errors.Is(err, context.Canceled) || errors.Is(err, errPermanent) ||
		errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) {
		return false
	}
	r, ok := answer(err)
	if !ok || r.StatusCode >= 500 && r.StatusCode != http.StatusNotImplemented && r.StatusCode != http.StatusInsufficientStorage {
		return true
	}
	switch r.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusConflict:
		return true
	}
	switch r.Code {
	case "RequestTimeout", "SlowDown", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody":
		return true // the line changed or cut what we sent
	}
	return false
}

// passed marks an error that may pass.
func passed(err error) error {
	if !passing(err) {
		return err
	}
	r, _ := answer(err)
	return &object.UnavailableError{Err: err, Limited: r.StatusCode == http.StatusTooManyRequests || r.Code == "SlowDown" || r.Code == "TooManyRequests"}
}

// errPermanent marks errors of ours that no second attempt mends.
var errPermanent = errors.New("s3object: cannot be retried")
