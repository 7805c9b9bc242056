package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

//go:embed demo_site.yaml
var demoSite string

// demoPassword opens every account of the demo, which is why the demo answers on
// this machine alone unless another one is chosen.
const demoPassword = "yomitori-demo"

type demoCmd struct {
	DICOMAddr string `name:"dicom-addr" help:"Address of the DICOM receiver; port 0 picks a free one." default:"127.0.0.1:11112" placeholder:"HOST:PORT"`
	HTTPAddr  string `name:"http-addr" help:"Address of the pages and the JSON API." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	UnknownAE string `name:"unknown-ae" help:"Hospital that unregistered calling AE titles count as, or reject." default:"minamihama" placeholder:"FACILITY|reject"`
	Password  string `help:"Password of every demo account made at the first start. Choose one before you let others reach the demo." default:"${demoPassword}"`
	options   `embed:""`
}

// Run serves, and at the first start fills the service with hospitals, people and
// studies. The studies come in through the DICOM door like any other.
func (c demoCmd) Run(ctx context.Context, con console) error {
	if c.Password == demoPassword && !loopback(c.HTTPAddr) {
		return fmt.Errorf("the demo's password is known to everybody: choose one with --password before serving on %s", c.HTTPAddr)
	}
	if c.DICOMAddr == "" || c.DICOMAddr == "off" {
		return errors.New("the demo's studies come in through the plain DICOM port: it cannot be off")
	}
	serve := serveCmd{DICOMAddr: c.DICOMAddr, HTTPAddr: c.HTTPAddr, UnknownAE: c.UnknownAE, options: c.options, webDoor: webDoor{RatePrincipal: 300, RateAddress: 1000}, signIn: signIn{SecondFactor: "chosen", Idle: 30 * time.Minute}}
	log := c.logger(con)
	if err := c.makeData(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := c.people(ctx, log); err != nil {
		return err
	}
	return serve.start(ctx, con, log, func(ctx context.Context, at addresses) error {
		if err := c.studies(ctx, con.Err, at); err != nil {
			return err
		}
		c.greet(con.Err, at)
		return nil
	})
}

// people applies the demo's site file, once: what is changed afterwards stays.
func (c demoCmd) people(ctx context.Context, log *slog.Logger) error {
	d, err := db.Open(ctx, c.dbURL(), log)
	if err != nil {
		return err
	}
	defer d.Close()
	file, err := site.Parse(strings.NewReader(demoSite))
	if err != nil {
		return err
	}
	if _, err := identity.UserByLogin(ctx, d.Read(ctx), file.Users[0].Login); err == nil {
		return nil
	} else if !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	for i := range file.Users {
		file.Users[i].Password = c.Password
	}
	_, err = site.Apply(ctx, d, file, "demo")
	return err
}

// examination is one study of the demo, whose it is and the AE title it comes
// from.
type examination struct {
	facility, aet string
	study         phantom.Study
}

// examinations were made on the morning before now, as clocks go in Japan.
func examinations(now time.Time) []examination {
	day := now.In(reports.JST)
	if day.Hour() < 11 {
		day = day.AddDate(0, 0, -1)
	}
	at := func(h, m int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, day.Location())
	}
	born := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	return []examination{
		{"minamihama", "MINAMIHAMA_CT", phantom.HeadCT(phantom.Order{
			PatientID: "M0012345", PatientName: "Tanabe^Fumiko=田邊^富美子=たなべ^ふみこ", BirthDate: born(1947, 5, 12), Sex: "F",
			AccessionNumber: "MH2604010012", StudyTime: at(8, 42), Institution: "南浜町立病院", ReferringPhysician: "Hamada^Koji=濵田^浩二=はまだ^こうじ",
			Request: "今朝からの右片麻痺、意識障害。脳卒中疑い。出血の有無をお願いします。", Procedure: "頭部単純CT", Seed: 11,
		})},
		{"kitahara", "KITAHARA_CT", phantom.ChestCT(phantom.Order{
			PatientID: "K-880231", PatientName: "Miyazaki^Ryuichi=宮﨑^龍一=みやざき^りゅういち", BirthDate: born(1958, 11, 3), Sex: "M",
			AccessionNumber: "KH0000871", StudyTime: at(9, 15), Institution: "北原中央病院", ReferringPhysician: "Sakai^Yoko=酒井^陽子=さかい^ようこ",
			Request: "健診胸部X線で右上肺野の異常影。精査。", Procedure: "胸部単純CT", Seed: 23,
		})},
		{"minamihama", "MINAMIHAMA_MR", phantom.BrainMR(phantom.Order{
			PatientID: "M0009981", PatientName: "Okamoto^Shigeru=岡本^茂=おかもと^しげる", BirthDate: born(1951, 2, 27), Sex: "M",
			AccessionNumber: "MH2604010019", StudyTime: at(10, 5), Institution: "南浜町立病院", ReferringPhysician: "Hamada^Koji=濵田^浩二=はまだ^こうじ",
			Request: "昨日からの呂律困難、左上肢の脱力感。急性期梗塞の評価をお願いします。", Procedure: "頭部MRI", Seed: 31,
		})},
	}
}

// studies sends what is not there yet and waits until it is on worklists.
func (c demoCmd) studies(ctx context.Context, out io.Writer, at addresses) error {
	d, err := db.Open(ctx, c.dbURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer d.Close()
	var g errgroup.Group
	missing := false
	for _, e := range examinations(time.Now()) {
		there, err := arrived(ctx, d, e)
		if err != nil {
			return err
		}
		if !there {
			missing = true
			g.Go(func() error { return e.send(ctx, at.DICOM, c.AETitle) })
		}
	}
	if missing {
		fmt.Fprintln(out, "  Sending the demo's studies in, as a scanner would …")
	}
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("demo studies: %w", err)
	}
	if missing {
		return c.settled(ctx, d)
	}
	return nil
}

// settled waits until no study is receiving any more, but not for ever: other
// senders may go on.
func (c demoCmd) settled(ctx context.Context, d *db.DB) error {
	tick, late := time.NewTicker(100*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		_, receiving, err := catalog.NextRelease(ctx, d.Read(ctx))
		if err != nil || !receiving {
			return err
		}
		select {
		case <-tick.C:
		case <-late:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// arrived reports whether a study of the demo is there with all its images, of whatever
// day: by its accession number, for its UIDs are others every morning.
func arrived(ctx context.Context, d *db.DB, e examination) (bool, error) {
	s, err := catalog.StudyByAccession(ctx, d.Read(ctx), identity.Everything(), e.facility, e.study.AccessionNumber)
	if errors.Is(err, catalog.ErrNotFound) {
		return false, nil
	}
	return err == nil && s.Instances >= len(e.study.Instances), err
}

// send brings the study in as a scanner would.
func (e examination) send(ctx context.Context, addr, aec string) error {
	first := e.study.Instances[0]
	scu, err := service.Dial(ctx, addr, service.DialOptions{
		CallingAE: e.aet, CalledAE: aec,
		Contexts: []service.Context{{AbstractSyntax: first.SOPClassUID, TransferSyntaxes: []string{first.TransferSyntaxUID}}},
	})
	if err != nil {
		return err
	}
	defer func() { _ = scu.Close(context.WithoutCancel(ctx)) }()
	for _, i := range e.study.Instances {
		r, w := io.Pipe()
		go func() {
			_, err := i.WriteTo(w)
			w.CloseWithError(err)
		}()
		status, err := scu.Store(ctx, service.StoreObject{
			SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID, TransferSyntaxUID: i.TransferSyntaxUID, Data: r,
		})
		r.Close()
		if err != nil {
			return err
		}
		if status != dimse.Success {
			return fmt.Errorf("%s: %v", e.study.Description, status)
		}
	}
	return nil
}

// greet says how to get in.
func (c demoCmd) greet(out io.Writer, at addresses) {
	_, port, _ := net.SplitHostPort(at.DICOM)
	fmt.Fprintf(out, `
  Dokuei demo
  Pages      %s
  Logins     yoshida, takahashi, sato (readers) · sakiyama (coordinator)
             minamihama, kitahara (hospitals) · password: %s
  DICOM      %s@%s   (storescu -aec %s 127.0.0.1 %s +sd +r FOLDER)
  Data       %s
  Stop with Ctrl-C; started again, it finds its data.

`, at.HTTP, c.shownPassword(), c.AETitle, at.DICOM, c.AETitle, port, c.Data)
}

// shownPassword repeats the demo's own password only: one that somebody chose
// does not belong on a screen.
func (c demoCmd) shownPassword() string {
	if c.Password == demoPassword {
		return demoPassword
	}
	return "the one you chose"
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
