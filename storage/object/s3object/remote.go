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
		Transport: opt.Transport, MaxRetries: 1, // retry does it
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

func (r *remote) check(ctx context.Context, locked bool) error {
	ok, err := r.core.BucketExists(ctx, r.bucket)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: it does not exist", errPermanent)
	}
	if !locked {
		return nil
	}
	lock, _, _, _, err := r.core.GetObjectLockConfig(ctx, r.bucket)
	if err != nil && (!isStatus(err, http.StatusNotFound) || lock != "") {
		return err
	}
	if lock != "Enabled" {
		return fmt.Errorf("%w: retention was asked for, but the bucket was made without object lock", errPermanent)
	}
	return nil
}

func (r *remote) get(ctx context.Context, key string, v version, p []byte, off int64) (n int, size int64, is version, err error) {
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
		info, err = r.core.StatObject(ctx, r.bucket, key, minio.StatObjectOptions{})
		return 0, info.Size, versionOf(info), err
	case isStatus(err, http.StatusPreconditionFailed): // replaced by other content
		return 0, 0, v, minio.ErrorResponse{StatusCode: http.StatusNotFound, Code: minio.NoSuchKey}
	case err != nil:
		return 0, 0, v, err
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

func (r *remote) stat(ctx context.Context, key string) (object.Info, error) {
	info, err := r.core.StatObject(ctx, r.bucket, key, minio.StatObjectOptions{})
	return object.Info{Key: key, Size: info.Size, Modified: info.LastModified}, err
}

func (r *remote) page(ctx context.Context, prefix, from string) (list []object.Info, more bool, err error) {
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
	return r.core.RemoveObject(ctx, r.bucket, key, minio.RemoveObjectOptions{})
}
