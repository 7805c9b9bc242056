package s3object

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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

	// SizeMax is the most bytes of an object: S3 takes 10,000 parts.
	SizeMax = 10_000 * partSize
)

// upload is an object on its way up. One of several parts remembers how far it came.
type upload struct {
	from   io.ReaderAt
	size   int64
	sum    [32]byte
	retain time.Time // zero: none
	over   bool      // whatever is there

	id    string // of the upload in parts that has begun
	parts []minio.CompletePart
}

func (u *upload) options() minio.PutObjectOptions {
	opt := minio.PutObjectOptions{ContentType: "application/dicom", DisableContentSha256: true} // it is given
	if !u.retain.IsZero() {
		opt.Mode, opt.RetainUntilDate = minio.Compliance, u.retain
	}
	return opt
}

// put sends the object, one request or part by part.
func (r *remote) put(ctx context.Context, key string, u *upload) error {
	if u.size > multipartFrom {
		return r.putParts(ctx, key, u)
	}
	ctx, cancel := within(ctx, u.size)
	defer cancel()
	err := r.putWhole(ctx, key, u, !u.over && !r.plain.Load())
	switch {
	case isStatus(err, http.StatusNotImplemented) && r.plain.CompareAndSwap(false, true):
		return r.putWhole(ctx, key, u, false)
	case isStatus(err, http.StatusPreconditionFailed):
		// There is an object under the key. Of another size it cannot be the content that
		// the key names; it is damaged and gives way, as does one that the service, after a
		// crash of its own, can no longer describe.
		if info, err := r.stat(ctx, key); err == nil && info.Size == u.size {
			return nil
		}
		return r.putWhole(ctx, key, u, false)
	}
	return err
}

func (r *remote) putWhole(ctx context.Context, key string, u *upload, onlyNew bool) error {
	opt := u.options()
	if onlyNew {
		opt.SetMatchETagExcept("*")
	}
	opt.UserMetadata = map[string]string{"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(u.sum[:])}
	b := newBody(u.from, 0, u.size)
	defer b.detach()
	_, err := r.core.PutObject(ctx, r.bucket, key, b, u.size, "", hex.EncodeToString(u.sum[:]), opt)
	return err
}

// putParts sends u in parts, one after the other: the spool is on a local disk and
// the line is the limit. Called again it goes on with the part that failed.
func (r *remote) putParts(ctx context.Context, key string, u *upload) error {
	if u.id == "" {
		// The condition is not sure to hold on a multipart upload: look first.
		if info, err := r.stat(ctx, key); !u.over && err == nil && info.Size == u.size {
			return nil
		}
		if err := r.begin(ctx, key, u); err != nil {
			return err
		}
	}
	for off := int64(len(u.parts)) * partSize; off < u.size; off += partSize {
		if err := r.putPart(ctx, key, u, off); err != nil {
			return fmt.Errorf("part at %d: %w", off, err)
		}
	}
	ctx, cancel := within(ctx, u.size)
	defer cancel()
	_, err := r.core.CompleteMultipartUpload(ctx, r.bucket, key, u.id, u.parts, minio.PutObjectOptions{})
	if isNotFound(err) { // an answer was lost: the upload is an object already
		if info, serr := r.stat(ctx, key); serr == nil && info.Size == u.size {
			err = nil
		}
	}
	if err == nil {
		u.id = ""
	}
	return err
}

func (r *remote) begin(ctx context.Context, key string, u *upload) (err error) {
	ctx, cancel := within(ctx, 0)
	defer cancel()
	u.id, err = r.core.NewMultipartUpload(ctx, r.bucket, key, u.options())
	return err
}

func (r *remote) putPart(ctx context.Context, key string, u *upload, off int64) error {
	n := min(partSize, u.size-off)
	ctx, cancel := within(ctx, n)
	defer cancel()
	sum, err := sumOf(u.from, off, n)
	if err != nil {
		return err
	}
	b := newBody(u.from, off, n)
	defer b.detach()
	p, err := r.core.PutObjectPart(ctx, r.bucket, key, u.id, len(u.parts)+1, b, n, minio.PutObjectPartOptions{Sha256Hex: sum, DisableContentSha256: true})
	if err == nil {
		u.parts = append(u.parts, minio.CompletePart{PartNumber: p.PartNumber, ETag: p.ETag})
	}
	return err
}

// giveUp removes the parts of an upload that will not become an object.
func (r *remote) giveUp(ctx context.Context, key string, u *upload) error {
	if u.id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	id := u.id
	u.id, u.parts = "", nil
	return r.drop(ctx, leftover{key, id})
}

// leftover is an upload in parts that is to end and could not be ended yet.
type leftover struct{ key, id string }

// leftMost bounds what is remembered; the rest is found when the store is next opened.
const leftMost = 1000

// drop ends an upload, now or when the service can be reached again.
func (r *remote) drop(ctx context.Context, l leftover) error {
	err := r.core.AbortMultipartUpload(ctx, r.bucket, l.key, l.id)
	if err == nil || isNotFound(err) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) < leftMost {
		r.left = append(r.left, l)
	}
	return err
}

// tidy ends one of the uploads that could not be ended, after a request that went well.
func (r *remote) tidy(ctx context.Context) {
	r.mu.Lock()
	if len(r.left) == 0 {
		r.mu.Unlock()
		return
	}
	l := r.left[0]
	r.left = r.left[1:]
	r.mu.Unlock()
	ctx, cancel := within(ctx, 0)
	defer cancel()
	_ = r.drop(ctx, l) // remembered again
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
	ctx, cancel := within(ctx, 0)
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
