package dicomweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/catalog"
)

const (
	usualLimit = 1000
	mostFound  = 10_000 // offset and limit together
	patience   = 30 * time.Second
)

// wish is a search as it was asked for (PS3.18 §8.3.4).
type wish struct {
	query         catalog.Query
	fields        []tag.Tag // includefield
	all           bool      // includefield=all: what is known of the level and of those above it
	limit, offset int
	fuzzy         bool     // was asked for
	ignored       []string // keys that are not kept
}

// search is QIDO-RS at a level.
func (s *Server) search(q *Request, level catalog.Level) error {
	w, err := wishOf(q.R.URL.Query(), level)
	if err != nil {
		return err
	}
	above := level
	for _, x := range []struct {
		level catalog.Level
		name  string
		uid   tag.Tag
	}{{catalog.StudyLevel, "study", tag.StudyInstanceUID}, {catalog.SeriesLevel, "series", tag.SeriesInstanceUID}} {
		if u := q.R.PathValue(x.name); u != "" {
			w.query.Keys = append(w.query.Keys, catalog.Key{Tag: x.uid, Values: []string{u}})
		} else {
			above = min(above, x.level)
		}
	}
	ctx, stop := context.WithTimeout(q.R.Context(), patience)
	defer stop()
	found, at := []model{}, 0
	more, err := catalog.Find(ctx, s.DB.Read(ctx), q.Scope, "", w.query, w.offset+w.limit, func(m *catalog.Match) error {
		if m.Level >= catalog.SeriesLevel && m.Series.Origin == catalog.Dokuei {
			if blind, err := reports.Blind(ctx, s.DB.Read(ctx), q.Who, m.Study.ID); err != nil || blind {
				return err // the first reader's: who reads second is not told that it is there
			}
		}
		if at++; at > w.offset {
			found = append(found, w.answer(m, above, q.root()))
		}
		return nil
	})
	var wrong *catalog.KeyError
	switch {
	case errors.As(err, &wrong):
		return refuse(http.StatusBadRequest, "%s %s", wrong.Tag, wrong.Reason)
	case errors.Is(err, context.DeadlineExceeded) && q.R.Context().Err() == nil:
		return refuse(http.StatusRequestEntityTooLarge, "the search takes too long: narrow it")
	case err != nil:
		return err
	}
	s.Searched(q.R.Context(), q.Who)
	if more {
		q.W.Header().Add("Warning", `299 dokuei "There are additional results that can be requested"`)
	}
	if w.fuzzy { // PS3.18 8.3.4.2, in its words
		q.W.Header().Add("Warning", `299 dokuei "The fuzzymatching parameter is not supported. Only literal matching has been performed."`)
	}
	if len(w.ignored) > 0 {
		q.W.Header().Add("Warning", `299 dokuei "The following were not used: `+strings.Join(w.ignored, ", ")+`"`)
	}
	if q.prefersXML() {
		return q.xmlParts(found)
	}
	return q.json(http.StatusOK, found)
}

func wishOf(values url.Values, level catalog.Level) (w wish, err error) {
	w = wish{query: catalog.Query{Level: level, Ordered: true}, limit: usualLimit}
	for name, list := range values {
		switch name {
		case "limit":
			if w.limit, err = count(list[0]); err != nil || w.limit == 0 {
				return w, refuse(http.StatusBadRequest, "limit is a number from 1")
			}
		case "offset":
			if w.offset, err = count(list[0]); err != nil {
				return w, refuse(http.StatusBadRequest, "offset is a number from 0")
			}
		case "fuzzymatching":
			w.fuzzy = list[0] == "true"
		case "includefield":
			for _, one := range list {
				for f := range strings.SplitSeq(one, ",") {
					if f == "all" {
						w.all = true
					} else if t, ok := tagOf(f); ok {
						w.fields = append(w.fields, t)
					}
				}
			}
		default:
			t, ok := tagOf(name)
			if !ok {
				return w, refuse(http.StatusBadRequest, "there is no attribute of the name given as a parameter")
			}
			if _, kept := catalog.LookupAttribute(t); !kept {
				w.ignored = append(w.ignored, key(t))
				continue
			}
			w.query.Keys = append(w.query.Keys, catalog.Key{Tag: t, Values: keyValues(t, list)})
		}
	}
	if w.offset > mostFound {
		return w, refuse(http.StatusRequestEntityTooLarge, "more than %d matches are not looked through: narrow the search", mostFound)
	}
	w.limit = min(w.limit, mostFound-w.offset)
	return w, nil
}

func count(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

// keyValues are the values of a key: a list of UIDs is separated by commas or
// backslashes (PS3.18 §8.3.4.1).
func keyValues(t tag.Tag, list []string) []string {
	if a, _ := catalog.LookupAttribute(t); a.VR != "UI" {
		return list[:1]
	}
	return keyUIDs(list)
}

// tagOf reads a keyword or eight hexadecimal digits.
func tagOf(s string) (tag.Tag, bool) {
	if n, err := strconv.ParseUint(s, 16, 32); err == nil && len(s) == 8 {
		return tag.Tag(n), true
	}
	return tag.ByKeyword(s)
}

// answer says of a match what its level has (PS3.18 Tables 10.6.3-3 to -5), what the
// levels above have that the path did not name (or all that they have), and what was
// asked for.
func (w *wish) answer(m *catalog.Match, above catalog.Level, root string) model {
	out := model{}
	for _, a := range catalog.Attributes() {
		level := max(a.Level, catalog.StudyLevel)
		wanted := level <= m.Level && (level >= above || w.all) && !patientCounts[a.Tag]
		for _, f := range w.fields {
			wanted = wanted || f == a.Tag && level <= m.Level
		}
		for _, k := range w.query.Keys {
			wanted = wanted || k.Tag == a.Tag && level <= m.Level
		}
		if wanted {
			out.set(a.Tag, a.VR, values(a.VR, a.Value(m))...)
		}
	}
	at := root + "/studies/" + m.Study.StudyInstanceUID
	if m.Level >= catalog.SeriesLevel {
		at += "/series/" + m.Series.SeriesInstanceUID
	}
	if m.Level == catalog.InstanceLevel {
		at += "/instances/" + m.Instance.SOPInstanceUID
		if b := m.Instance.Header.BitsAllocated; b > 0 {
			out.set(tag.BitsAllocated, "US", b)
		}
	}
	out.set(tag.RetrieveURL, "UR", at)
	out.set(tag.InstanceAvailability, "CS", "ONLINE")
	return out
}

var patientCounts = map[tag.Tag]bool{
	tag.NumberOfPatientRelatedStudies: true, tag.NumberOfPatientRelatedSeries: true, tag.NumberOfPatientRelatedInstances: true,
}
