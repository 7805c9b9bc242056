package s3object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/dokuei/dokuei/storage/object"
)

const pageSize = 1000 // the most that S3 lists at once

// version pins what is read to what was opened.
type version struct{ etag, id string }

// remote is the bucket at the service.
type remote struct {
	core   *minio.Core
	bucket string
	plain  atomic.Bool // the service does not know If-None-Match on PUT

	mu   sync.Mutex
	left []leftover // what broken uploads have left
}

func dial(opt Options) (*remote, error) {
	host, secure, err := opt.endpoint()
	if err != nil {
		return nil, err
	}
	if opt.AccessKey == "" || opt.SecretKey == "" {
		return nil, errors.New("s3object: no access key or no secret key")
	}
	if opt.Transport == nil {
		opt.Transport = transport()
	}
	core, err := minio.NewCore(host, &minio.Options{
		Creds: credentials.NewStaticV4(opt.AccessKey, opt.SecretKey, ""), Secure: secure, Region: opt.Region,
		Transport: opt.Transport, MaxRetries: 1, // package retried does it
	})
	if err != nil {
		return nil, fmt.Errorf("s3object: %w", err)
	}
	core.SetAppInfo("dokuei", "1")
	return &remote{core: core, bucket: opt.Bucket}, nil
}

func transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
		MaxIdleConnsPerHost: 64, MaxConnsPerHost: 256,
		ResponseHeaderTimeout: 20 * time.Second, ExpectContinueTimeout: time.Second,
		DisableCompression: true, // ranges are of the bytes as stored
	}
}

// limitFor is the time for one request that carries n bytes: 20 s and what a line
// of 8 Mbit/s needs.
func limitFor(n int64) time.Duration {
	return 20*time.Second + time.Duration(n/1_000_000)*time.Second
}

// within bounds a request that carries n bytes.
func within(ctx context.Context, n int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, limitFor(n))
}

// check reports whether the bucket can be used, and its object lock.
func (r *remote) check(ctx context.Context) (l lock, err error) {
	ctx, cancel := within(ctx, 0)
	defer cancel()
	ok, err := r.core.BucketExists(ctx, r.bucket)
	if err != nil {
		return l, err
	}
	if !ok {
		return l, fmt.Errorf("%w: it does not exist", errPermanent)
	}
	enabled, _, n, unit, err := r.core.GetObjectLockConfig(ctx, r.bucket)
	switch {
	case err == nil:
		l.enabled = enabled == "Enabled"
		if n != nil && unit != nil {
			l.usual, l.years = int(min(*n, 36500)), *unit == minio.Years
		}
	case isStatus(err, http.StatusNotFound), isStatus(err, http.StatusNotImplemented), isStatus(err, http.StatusBadRequest):
		// No lock, or a service that has none.
	default:
		return l, err
	}
	return l, nil
}

// get reads into p from off, of that version. size is that of the object.
func (r *remote) get(ctx context.Context, key string, v version, p []byte, off int64) (n int, size int64, is version, err error) {
	ctx, cancel := within(ctx, int64(len(p)))
	defer cancel()
	opt := minio.GetObjectOptions{VersionID: v.id}
	if v.id == "" && v.etag != "" {
		if err := opt.SetMatchETag(v.etag); err != nil {
			return 0, 0, v, err
		}
	}
	if err := opt.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, 0, v, err
	}
	body, info, header, err := r.core.GetObject(ctx, r.bucket, key, opt)
	switch {
	case isStatus(err, http.StatusRequestedRangeNotSatisfiable) && off == 0: // empty: no range fits
		info, err = r.head(ctx, key)
		return 0, info.Size, versionOf(info), err
	case isStatus(err, http.StatusPreconditionFailed): // replaced by other content
		return 0, 0, v, errNoKey
	case err != nil:
		return 0, 0, v, unhidden(err)
	}
	defer body.Close()
	first, size, err := contentRange(header.Get("Content-Range"), info.Size)
	if err != nil || first != off {
		return 0, 0, v, fmt.Errorf("s3object: asked for bytes from %d, got another range: %w", off, errors.Join(errPermanent, err))
	}
	n, err = io.ReadFull(body, p[:min(int64(len(p)), size-off)])
	return n, size, versionOf(info), err
}

func versionOf(i minio.ObjectInfo) version {
	if i.VersionID == "null" {
		return version{etag: i.ETag}
	}
	return version{i.ETag, i.VersionID}
}

// contentRange reads "bytes 0-9/100" (RFC 9110 §14.4). Without the header the
// whole object came.
func contentRange(s string, length int64) (first, size int64, err error) {
	if s == "" {
		return 0, length, nil
	}
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, total, ok2 := strings.Cut(rest, "/")
	from, to, ok3 := strings.Cut(span, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	size, err3 := strconv.ParseInt(total, 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil || !ok || !ok2 || !ok3 || first < 0 || last < first || size <= last {
		return 0, 0, fmt.Errorf("s3object: Content-Range is malformed")
	}
	return first, size, nil
}

// errNoKey is the service's own answer for what is not there.
var errNoKey = minio.ErrorResponse{StatusCode: http.StatusNotFound, Code: minio.NoSuchKey}

// unhidden: where versions are kept an object that was deleted is one whose newest version
// is a delete marker, and some services answer for that one.
func unhidden(err error) error {
	if isStatus(err, http.StatusMethodNotAllowed) {
		return errNoKey
	}
	return err
}

// head describes the newest version.
func (r *remote) head(ctx context.Context, key string) (minio.ObjectInfo, error) {
	info, err := r.core.StatObject(ctx, r.bucket, key, minio.StatObjectOptions{})
	return info, unhidden(err)
}

func (r *remote) stat(ctx context.Context, key string) (object.Info, error) {
	ctx, cancel := within(ctx, 0)
	defer cancel()
	info, err := r.head(ctx, key)
	return object.Info{Key: key, Size: info.Size, Modified: info.LastModified}, err
}

// page lists what sorts after from.
func (r *remote) page(ctx context.Context, prefix, from string) (list []object.Info, more bool, err error) {
	ctx, cancel := within(ctx, 1<<20)
	defer cancel()
	// The iterator stops after a page by itself only at the end: it is cut here.
	noOwner := false
	for o := range r.core.ListObjectsIter(ctx, r.bucket, minio.ListObjectsOptions{
		Prefix: prefix, Recursive: true, StartAfter: from, MaxKeys: pageSize, FetchOwner: &noOwner,
	}) {
		if o.Err != nil {
			return nil, false, o.Err
		}
		list = append(list, object.Info{Key: o.Key, Size: o.Size, Modified: o.LastModified})
		if len(list) == pageSize {
			return list, true, nil
		}
	}
	return list, false, ctx.Err()
}

func (r *remote) remove(ctx context.Context, key string) error {
	ctx, cancel := within(ctx, 0)
	defer cancel()
	return r.core.RemoveObject(ctx, r.bucket, key, minio.RemoveObjectOptions{})
}
