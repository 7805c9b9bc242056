package api

import (
	"bytes"
	"encoding/json"
)

// openingStudy is a study whose series tell of their instances by columns: hundreds of
// nearly equal records stand between a click and the first image.
type openingStudy struct {
	studyPage
	SeriesList []packedSeries `json:"seriesList"` // in place of the page's
}

// packedSeries is a series with its instances taken apart. A field that all of them have
// with one value stands in Shared; of any other Columns has the values, in the order of
// the instances, null where one has none. The addresses of pictures are left out: they
// are /api/v1/instances/{id}/ and their names.
type packedSeries struct {
	seriesView
	Instances int                          `json:"instances"` // their number, in place of the records
	Shared    map[string]json.RawMessage   `json:"shared"`
	Columns   map[string][]json.RawMessage `json:"columns"`
}

func packStudy(p studyPage) (openingStudy, error) {
	out := openingStudy{studyPage: p, SeriesList: make([]packedSeries, 0, len(p.SeriesList))}
	for _, one := range p.SeriesList {
		packed, err := packSeries(one)
		if err != nil {
			return openingStudy{}, err
		}
		out.SeriesList = append(out.SeriesList, packed)
	}
	return out, nil
}

func packSeries(s seriesView) (packedSeries, error) {
	n := len(s.Instances)
	out := packedSeries{seriesView: s, Instances: n, Shared: map[string]json.RawMessage{}, Columns: map[string][]json.RawMessage{}}
	for at, i := range s.Instances {
		text, err := json.Marshal(i)
		if err != nil {
			return out, err
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			return out, err
		}
		for name, value := range fields {
			if out.Columns[name] == nil {
				out.Columns[name] = make([]json.RawMessage, n) // nil is written as null
			}
			out.Columns[name][at] = value
		}
	}
	for _, name := range []string{"thumbnail", "scroll", "preview"} {
		delete(out.Columns, name)
	}
	for name, values := range out.Columns {
		if allEqual(values) {
			out.Shared[name] = values[0]
			delete(out.Columns, name)
		}
	}
	return out, nil
}

func allEqual(values []json.RawMessage) bool {
	for _, v := range values {
		if !bytes.Equal(v, values[0]) {
			return false
		}
	}
	return true
}
