package s3object

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	multipartFrom = 64 << 20
	partSize      = 16 << 20
	partsAge      = 24 * time.Hour
)

// upload is an object on its way up.
type upload struct {
	from   io.ReaderAt
	size   int64
	sum    [32]byte
	retain time.Time // zero: none
	// step makes one request of a multipart upload.
	step func(ctx context.Context, what string, size int64, fn func(ctx context.Context) error) error
}

// retried lets r repeat each request of a multipart upload on its own.
func (u upload) retried(r *retry) upload {
	u.step = func(ctx context.Context, what string, size int64, fn func(ctx context.Context) error) error {
		return r.do(ctx, what, limitFor(size), fn)
	}
	return u
}

func (u upload) options() minio.PutObjectOptions {
	opt := minio.PutObjectOptions{ContentType: "application/dicom", DisableContentSha256: true} // it is given
	if !u.retain.IsZero() {
		opt.Mode, opt.RetainUntilDate = minio.Compliance, u.retain
	}
	return opt
}

func (r *remote) put(ctx context.Context, key string, u upload) error {
	if u.step != nil {
		return r.putParts(ctx, key, u)
	}
	opt := u.options()
	opt.UserMetadata = map[string]string{"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(u.sum[:])}
	if !r.plain.Load() {
		opt.SetMatchETagExcept("*")
	}
	b := newBody(u.from, 0, u.size)
	defer b.detach()
	_, err := r.core.PutObject(ctx, r.bucket, key, b, u.size, "", hex.EncodeToString(u.sum[:]), opt)
	switch {
	case isStatus(err, http.StatusPreconditionFailed):
		return r.known(ctx, key, u)
	case isStatus(err, http.StatusNotImplemented) && r.plain.CompareAndSwap(false, true):
		return r.put(ctx, key, u)
	}
	return err
}

// known: there is an object under the key. Of another size it cannot be the
// content that the key names; it is damaged and gives way, as does one that the
// service, after a crash of its own, can no longer describe.
func (r *remote) known(ctx context.Context, key string, u upload) error {
	info, err := r.stat(ctx, key)
	if err == nil && info.Size == u.size {
		return nil
	}
	opt := u.options()
	b := newBody(u.from, 0, u.size)
	defer b.detach()
	_, err = r.core.PutObject(ctx, r.bucket, key, b, u.size, "", hex.EncodeToString(u.sum[:]), opt)
	return err
}

// putParts sends u in parts, one after the other: the spool is on a local disk and
// the line is the limit.
func (r *remote) putParts(ctx context.Context, key string, u upload) (err error) {
	// The condition is not sure to hold on a multipart upload: look first.
	info, err := r.stat(ctx, key)
	if err == nil && info.Size == u.size {
		return nil
	}
	var id string
	err = u.step(ctx, "begin parts", 0, func(ctx context.Context) (err error) {
		id, err = r.core.NewMultipartUpload(ctx, r.bucket, key, u.options())
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			err = errors.Join(err, r.core.AbortMultipartUpload(ctx, r.bucket, key, id))
		}
	}()
	var parts []minio.CompletePart
	for off := int64(0); off < u.size; off += partSize {
		n := min(partSize, u.size-off)
		sum, err := sumOf(u.from, off, n)
		if err != nil {
			return err
		}
		err = u.step(ctx, "part", n, func(ctx context.Context) error {
			b := newBody(u.from, off, n)
			defer b.detach()
			p, err := r.core.PutObjectPart(ctx, r.bucket, key, id, len(parts)+1, b, n, minio.PutObjectPartOptions{Sha256Hex: sum, DisableContentSha256: true})
			if err == nil {
				parts = append(parts, minio.CompletePart{PartNumber: p.PartNumber, ETag: p.ETag})
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("part at %d: %w", off, err)
		}
	}
	return u.step(ctx, "join parts", u.size, func(ctx context.Context) error {
		_, err := r.core.CompleteMultipartUpload(ctx, r.bucket, key, id, parts, minio.PutObjectOptions{})
		if isNotFound(err) { // an answer was lost: the upload is an object already
			if info, serr := r.stat(ctx, key); serr == nil && info.Size == u.size {
				return nil
			}
		}
		return err
	})
}

func sumOf(r io.ReaderAt, off, n int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, off, n)); err != nil {
		return "", fmt.Errorf("%w: read spool: %w", errPermanent, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// removeParts ends multipart uploads that a crash has left, begun before limit.
func (r *remote) removeParts(ctx context.Context, prefix string, limit time.Time) (removed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limitFor(0))
	defer cancel()
	list, err := r.core.ListMultipartUploads(ctx, r.bucket, prefix, "", "", "", pageSize)
	if err != nil {
		return 0, err
	}
	for _, u := range list.Uploads {
		if !u.Initiated.Before(limit) {
			continue
		}
		if err := r.core.AbortMultipartUpload(ctx, r.bucket, u.Key, u.UploadID); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// body is what a request sends. A transport may still be reading when the request
// has returned; detach makes it let go, so that the spool file can be closed.
type body struct {
	mu sync.Mutex
	r  *io.SectionReader
}

func newBody(r io.ReaderAt, off, n int64) *body { return &body{r: io.NewSectionReader(r, off, n)} }

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.r == nil {
		return 0, io.ErrClosedPipe
	}
	return b.r.Read(p)
}

// Seek is for the client, which goes to the beginning before every attempt.
func (b *body) Seek(off int64, whence int) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.r == nil {
		return 0, io.ErrClosedPipe
	}
	return b.r.Seek(off, whence)
}

func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.r = nil
}
