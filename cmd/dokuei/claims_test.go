package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// attempt is a claim: who makes it, of what.
type attempt struct {
	item   int
	reader string
}

// exclusive is what a Workitem promises its claimants: it has no holder, then one for
// good, and each is told the truth (PS3.4 CC.2.1).
var exclusive = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[int][]porcupine.Operation{}
		for _, o := range history {
			n := o.Input.(attempt).item //nolint:errcheck // put in below
			by[n] = append(by[n], o)
		}
		var parts [][]porcupine.Operation
		for _, p := range by {
			parts = append(parts, p)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(holder, in, out any) (bool, any) {
		reader, won := in.(attempt).reader, out.(bool) //nolint:errcheck // put in below
		if holder == "" {
			return won, reader
		}
		return won == (holder == reader), holder
	},
}

// Readers race for Workitems through every door at once: the page of one node and of
// another, DIMSE and UPS-RS. One wins each, and the history of what all were told is
// that of one register: linearizable. CLAIM_RACES says how many; make claims is 10,000.
func TestClaimsThroughEveryDoor(t *testing.T) {
	t.Parallel()
	races := 300
	if n, err := strconv.Atoi(os.Getenv("CLAIM_RACES")); err == nil {
		races = n
	}
	const site = `
facilities:
  - {id: minami, name: 南病院, ae_titles: [MINAMI_CT]}
panels:
  - {id: npo, name: NPO読影班, readers: [abe, baba, chiba, doi]}
users:
  - {login: abe, name: 阿部, role: reader, license: "1", password: a password for tests}
  - {login: baba, name: 馬場, role: reader, license: "2", password: a password for tests}
  - {login: chiba, name: 千葉, role: reader, license: "3", ae_titles: [CHIBA_WS], password: a password for tests}
  - {login: doi, name: 土井, role: reader, license: "4", password: a password for tests}
fallback: {panel: npo, within: 24h}
`
	database := dbtest.Postgres(t)
	mustRun(t, "apply", "--data", t.TempDir(), "--db", database, "-f", writeFile(t, t.TempDir()+"/site.yaml", site))
	one, two := serve(t, t.TempDir(), "--db", database), serve(t, t.TempDir(), "--db", database)
	d, err := db.Open(t.Context(), database, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })

	page := func(s *server, login string) func(w worklist.Workitem) (bool, error) {
		u := s.signIn(t, login, password)
		return func(w worklist.Workitem) (bool, error) {
			switch status := u.call("POST", "/workitems/"+w.ID+"/claim", map[string]any{}, nil); status {
			case http.StatusOK:
				return true, nil
			case http.StatusConflict:
				return false, nil
			default:
				return false, fmt.Errorf("page of %s: status %d", login, status)
			}
		}
	}
	station := one.associate(t, "CHIBA_WS", uid.UPSPull)
	doi := two.signIn(t, "doi", password)
	doors := map[string]func(w worklist.Workitem) (bool, error){
		"abe": page(one, "abe"), "baba": page(two, "baba"),
		"chiba": func(w worklist.Workitem) (bool, error) {
			change := dataset.New()
			change.SetString(tag.ProcedureStepState, "CS", "IN PROGRESS")
			change.SetString(tag.TransactionUID, "UI", uid.New())
			a, err := station.Action(t.Context(), uid.UPSPull, uid.UPSPush, w.SOPInstanceUID, 1, change)
			if err == nil && a.Status != dimse.Success && a.Status != dimse.UPSAlreadyInProgress {
				err = fmt.Errorf("DIMSE: status %04X", a.Status)
			}
			return a.Status == dimse.Success, err
		},
		"doi": func(w worklist.Workitem) (bool, error) {
			body := fmt.Sprintf(`[{"00741000":{"vr":"CS","Value":["IN PROGRESS"]},"00081195":{"vr":"UI","Value":[%q]}}]`, uid.New())
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, two.HTTP+dicomweb.Base+"/workitems/"+w.SOPInstanceUID+"/state", strings.NewReader(body))
			if err != nil {
				return false, err
			}
			req.Header.Set("Content-Type", "application/dicom+json")
			res, err := doi.http.Do(req)
			if err != nil {
				return false, err
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusConflict {
				err = fmt.Errorf("UPS-RS: status %d", res.StatusCode)
			}
			return res.StatusCode == http.StatusOK, err
		},
	}
	readers := []string{"abe", "baba", "chiba", "doi"}
	var mu sync.Mutex
	var history []porcupine.Operation
	wins := map[string]int{}
	began := time.Now()
	const together = 100
	for first := 0; first < races; first += together {
		items := worklisttest.Items(t, d, min(together, races-first), worklisttest.Study{Facility: "minami"}, worklist.New{PanelID: "npo"})
		for n, w := range items {
			start := make(chan struct{})
			var all sync.WaitGroup
			for client, reader := range readers {
				all.Go(func() {
					<-start
					call := time.Since(began).Nanoseconds()
					won, err := doors[reader](w)
					end := time.Since(began).Nanoseconds()
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Errorf("item %d: %v", first+n, err)
					}
					if won {
						wins[reader]++
					}
					history = append(history, porcupine.Operation{ClientId: client, Input: attempt{first + n, reader}, Call: call, Output: won, Return: end})
				})
			}
			close(start)
			all.Wait()
			if t.Failed() {
				t.FailNow()
			}
		}
	}
	if !porcupine.CheckOperations(exclusive, history) {
		t.Error("what the claimants were told is the history of no single holder")
	}
	total := 0
	for _, n := range wins {
		total += n
	}
	if total != races {
		t.Errorf("%d items were won %d times", races, total)
	}
	var held int
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM workitems WHERE state = 'IN PROGRESS'`).Scan(&held); err != nil || held != races {
		t.Errorf("%d of %d items are held, %v", held, races, err)
	}
	t.Logf("%d races in %s, won by %v", races, time.Since(began).Round(time.Millisecond), wins)
}
