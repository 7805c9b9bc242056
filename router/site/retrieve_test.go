package site_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
)

// A destination for retrieval only gets no reports, and stays what it is when
// the directory is exported and applied again.
func TestRetrieveOnly(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	f, err := site.Parse(strings.NewReader(`facilities: [{id: a, name: A, destinations: [
		{name: PACS, to: "PACS@h:104"}, {name: WS, to: "WS@h:105", retrieve_only: true}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Apply(t.Context(), d, f, "test"); err != nil {
		t.Fatal(err)
	}
	list, err := worklist.DestinationsOf(t.Context(), d.Read(t.Context()), "a")
	if err != nil || len(list) != 2 || !list[0].Wants("sr") || list[1].Wants("sr") || list[1].Wants("pdf") {
		t.Fatal(list, err)
	}
	out, err := site.Export(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := out.WriteYAML(&b); err != nil || strings.Count(b.String(), "retrieve_only: true") != 1 {
		t.Error(b.String(), err)
	}
	again, err := site.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if done, err := site.Apply(t.Context(), d, again, "test"); err != nil || !done.Diff.Empty() {
		t.Error(done, err)
	}
	_, err = site.Parse(strings.NewReader(`facilities: [{id: a, name: A, destinations: [{name: P, to: "P@h:1", objects: [sr], retrieve_only: true}]}]`))
	if err == nil || !strings.Contains(err.Error(), "exclude each other") {
		t.Error(err)
	}
}
