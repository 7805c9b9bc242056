package ingest_test

import (
	"encoding/json"

	"github.com/dokuei/dokuei/storage/catalog"
)

func equalHeader(a, b catalog.Header) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
