package main

import (
	"os"
	"strings"
	"testing"
)

// A rule sends the images of a study to another hospital's archive too, which DCMTK's
// receiver stands for, and the hospital sees that they have arrived.
func TestForwardedByARule(t *testing.T) {
	t.Parallel()
	pacs := receiver(t, "KITA_PACS")
	site := strings.ReplaceAll(network, "ae_titles: [KITA_CT]", "ae_titles: [KITA_CT], destinations: [{name: PACS, to: \"KITA_PACS@127.0.0.1:"+pacs.port+"\", retrieve_only: true}]")
	site = strings.ReplaceAll(site, "then: {panel: npo,", "then: {task: opinion, forward: [kita/PACS], panel: npo,")
	s := serve(t, newData(t, site))
	dir, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	eventually(t, "the images are at the other hospital", func() bool {
		files, err := os.ReadDir(pacs.dir)
		return err == nil && len(files) == 3
	})
	minami := s.signIn(t, "minami", password)
	var list struct {
		Items []struct{ ID string }
	}
	minami.must("GET", "/studies", nil, &list)
	var study struct {
		DeliveryList []struct{ Object, State string }
		Workitems    []struct{ Purpose string }
	}
	eventually(t, "the receipts are there", func() bool {
		minami.must("GET", "/studies/"+list.Items[0].ID, nil, &study)
		done := 0
		for _, d := range study.DeliveryList {
			if d.Object == "image" && d.State == "delivered" {
				done++
			}
		}
		return done == 3
	})
	sato := s.signIn(t, "sato", password)
	var work struct{ Items []struct{ Purpose string } }
	if sato.must("GET", "/worklist", nil, &work); len(work.Items) != 1 || work.Items[0].Purpose != "opinion" {
		t.Errorf("the reader's list: %+v", work)
	}
}
