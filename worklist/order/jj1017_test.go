package order_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestParseJJ1017(t *testing.T) {
	t.Parallel()
	full := "1000000200010300" + "0000010000000000"
	want := order.JJ1017{Modality: "1", Technique: "0000", Detail: "00", Site: "200", Side: "0", Posture: "1", Direction: "03", Local: "00", Specifics: full[16:]}
	if got, ok := order.ParseJJ1017(full); !ok || got != want {
		t.Errorf("%+v", got)
	}
	want.Specifics = ""
	if got, ok := order.ParseJJ1017(full[:16]); !ok || got != want {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"", "25.1.200", full[:15], full + "0", "100000020001030I", "100000020001030a", "10000002000103頭", strings.Repeat(" ", 16)} {
		if got, ok := order.ParseJJ1017(bad); ok || got != (order.JJ1017{}) {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// The parts of a code have the names a house has brought: a technique that of its
// modality before the one of all, a detail only under its technique. What no table knows,
// and what is no such code, has none.
func TestNamed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		d := open(t)
		table := []order.Code{
			{order.Detail, "000011", "d", ""},
			{order.Modality, "6", "CT撮影", "CT"},
			{order.Site, "200", "胸部", "Chest"},
			{order.Technique, "0000", "t", ""},
			{order.Technique, "60000", "単純", "plain"},
		}
		for range 2 { // the second time in place of the first
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error { return order.SetCodeTable(ctx, tx, table) })
		}
		if got, err := order.CodeTable(t.Context(), d.Read(t.Context())); err != nil || !reflect.DeepEqual(got, table) {
			t.Errorf("%+v %v", got, err)
		}
		for code, want := range map[string][]order.Code{
			"6000000200010300": {table[1], table[4], table[2]},
			"1000011200010300": {table[3], table[0], table[2]},
			"7123456789012345": nil,
			"CHEST":            nil,
		} {
			if got, err := order.Named(t.Context(), d.Read(t.Context()), code); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v %v", code, got, err)
			}
		}
	})
	for code, want := range map[order.Part]string{order.Modality: "1 A", order.Technique: "0000 60000", order.Detail: "000011 6000011", order.Site: "200", order.Direction: "03"} {
		for _, c := range []string{"1", "A", "I", "03", "200", "0000", "60000", "000011", "6000011", "60000111", ""} {
			if got := code.Fits(c); got != (c != "" && strings.Contains(" "+want+" ", " "+c+" ")) {
				t.Errorf("%s fits %q: %v", code, c, got)
			}
		}
	}
	if order.Part("colour").Fits("") {
		t.Error("there is no such part")
	}
}
