package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/internal/shareddata"
)

// Every real series, sent by DCMTK as it is stored, arrives, is complete with
// the right count, and shows; what no codec can show says so.
func TestRealSeries(t *testing.T) {
	t.Parallel()
	data := shareddata.Dir(t)
	if data == "" {
		t.Skip("the real series are left out: there is no shared/data beside this checkout")
	}
	dcmsend := tool(t, "dcmsend")
	s := serve(t, newData(t, network))
	series, err := os.ReadDir(filepath.Join(data, "series"))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, dir := range series {
		files, err := os.ReadDir(filepath.Join(data, "series", dir.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want += len(files)
		out, err := exec.CommandContext(t.Context(), dcmsend, "-aet", "MINAMI_CT", "-aec", "DOKUEI", "--no-halt",
			"127.0.0.1", s.port(t), "+sd", "+r", filepath.Join(data, "series", dir.Name())).CombinedOutput()
		if err != nil {
			t.Fatalf("dcmsend %s: %v\n%s", dir.Name(), err, out)
		}
	}
	reader := s.signIn(t, "sato", password)
	got := 0
	eventually(t, "every series is complete and on the list", func() bool {
		got = 0
		for _, item := range reader.worklist("open") {
			got += item.Study.Instances
		}
		return got == want
	})
	pictures := 0
	for _, item := range reader.worklist("open") {
		for _, one := range reader.study(item.Study.ID).SeriesList {
			for _, i := range one.Instances {
				status, _, h := reader.raw("GET", "/instances/"+i.ID+"/thumbnail", nil)
				placeholder := h.Get("X-Dokuei-Placeholder")
				if status != 200 || (i.Displayable == "image") != (placeholder == "") {
					t.Errorf("thumbnail of %s (%s): status %d, placeholder %q", i.SOPInstanceUID, i.Displayable, status, placeholder)
				}
				if placeholder == "" {
					pictures++
				}
			}
		}
	}
	t.Logf("%d instances arrived, %d of them show", got, pictures)
	if pictures == 0 {
		t.Error("nothing shows")
	}
}
