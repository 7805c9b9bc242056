package s3object

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// ErrURL is wrapped by every error of ParseURL.
var ErrURL = errors.New("s3object: invalid URL")

// Options of a Store. Zero values take the defaults in the comments.
type Options struct {
	Bucket   string
	Prefix   string // of every key, without slash at its ends; none
	Endpoint string // http://host:port or https://host; that of AWS in Region
	Region   string // asked of the service when empty and Endpoint is set

	AccessKey string
	SecretKey string

	Spool        string // local folder, of this process alone
	SpoolReserve int64  // kept free there; as fsobject.Options.Reserve

	// Retain is the COMPLIANCE retention of every object; the bucket must have object
	// lock. Zero: what Until says, where the bucket has it. RetainNone: none of ours.
	Retain time.Duration
	// Until never shortens what the bucket does by itself. nil: none of ours.
	Until Until

	Log       *slog.Logger      // discard
	Transport http.RoundTripper // one with time limits
}

// Until gives the end of the retention of what is about to be stored under a key.
type Until func(ctx context.Context, key string) (time.Time, error)

// RetainNone is an Options.Retain that leaves it to the bucket, whatever Until says.
const RetainNone = -1

// ParseURL reads s3://BUCKET/PREFIX?endpoint=URL&region=NAME&retain=DAYSd; retain=none is
// RetainNone. Secrets do not belong into it: URLs end up in process lists and logs.
func ParseURL(raw string) (Options, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Options{}, fmt.Errorf("%w: it cannot be read", ErrURL) // its text may hold a secret
	}
	opt := Options{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	switch {
	case u.Scheme != "s3":
		return Options{}, fmt.Errorf("%w: want s3://bucket/prefix", ErrURL)
	case u.User != nil:
		return Options{}, fmt.Errorf("%w: keys do not belong into it", ErrURL)
	case opt.Bucket == "":
		return Options{}, fmt.Errorf("%w: it names no bucket", ErrURL)
	}
	if opt.Prefix != "" {
		if err := object.CheckKey(opt.Prefix); err != nil {
			return Options{}, fmt.Errorf("%w: prefix: %w", ErrURL, err)
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Options{}, fmt.Errorf("%w: query: %w", ErrURL, err)
	}
	for key, values := range query {
		value := values[len(values)-1]
		switch key {
		case "endpoint":
			opt.Endpoint = value
		case "region":
			opt.Region = value
		case "retain":
			if value == "none" {
				opt.Retain = RetainNone
				continue
			}
			days, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
			if err != nil || days < 1 || days > 100*366 || !strings.HasSuffix(value, "d") {
				return Options{}, fmt.Errorf("%w: retain: want days, as in 1826d, or none", ErrURL)
			}
			opt.Retain = time.Duration(days) * 24 * time.Hour
		default:
			return Options{}, fmt.Errorf("%w: unknown parameter %q: there are endpoint, region and retain", ErrURL, key)
		}
	}
	if opt.Endpoint == "" && opt.Region == "" {
		return Options{}, fmt.Errorf("%w: want endpoint or region", ErrURL)
	}
	return opt, nil
}

// endpoint splits Endpoint into what the client wants.
func (o Options) endpoint() (host string, secure bool, err error) {
	if o.Endpoint == "" {
		return "s3." + o.Region + ".amazonaws.com", true, nil
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "", false, fmt.Errorf("%w: endpoint: want http://host:port or https://host", ErrURL)
	}
	return u.Host, u.Scheme == "https", nil
}
