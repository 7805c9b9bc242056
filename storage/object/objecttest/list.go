package objecttest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/storage/object"
)

func all(t *testing.T, s object.Store, prefix, after string) (keys []string) {
	t.Helper()
	must(t, s.List(t.Context(), prefix, after, func(i object.Info) error {
		keys = append(keys, i.Key)
		return nil
	}))
	return keys
}

func list(t *testing.T, s object.Store) {
	ctx := t.Context()
	put := []string{"a-b", "a/b", "a/b.c/d", "a/bc", "a0", "b/c", "b/c-1"}
	for _, key := range put {
		must(t, Put(ctx, s, key, []byte(key)))
	}
	if got := all(t, s, "", ""); !slices.Equal(got, put) {
		t.Errorf("order: %v", got)
	}
	if got := all(t, s, "a/b", ""); !slices.Equal(got, []string{"a/b", "a/b.c/d", "a/bc"}) {
		t.Errorf("prefix: %v", got)
	}
	stop := errors.New("stop")
	n := 0
	err := s.List(ctx, "", "", func(object.Info) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		t.Errorf("stop: %v after %d", err, n)
	}
}

// listProperty compares List with the obvious definition for any prefix and start.
func listProperty(t *testing.T, s object.Store) {
	segment := rapid.SampledFrom([]string{"a", "b", "ab", "a-b", "a.b", "a0", "b_"})
	key := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(t, "segments"), "/") + "/k"
	})
	var have []string
	for n := range 40 {
		k := key.Example(n)
		must(t, Put(t.Context(), s, k, nil))
		have = append(have, k)
	}
	slices.Sort(have)
	have = slices.Compact(have)
	rapid.Check(t, func(rt *rapid.T) {
		cut := func(name string) string {
			k := rapid.OneOf(key, rapid.SampledFrom(have)).Draw(rt, name)
			return k[:rapid.IntRange(0, len(k)).Draw(rt, name+" length")]
		}
		prefix, after := cut("prefix"), cut("after")
		var want []string
		for _, k := range have {
			if strings.HasPrefix(k, prefix) && k > after {
				want = append(want, k)
			}
		}
		if got := all(t, s, prefix, after); !slices.Equal(got, want) {
			rt.Fatalf("prefix %q after %q: got %v, want %v", prefix, after, got, want)
		}
	})
}
