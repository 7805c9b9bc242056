package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/dokuei/dokuei/internal/ca"
)

type caCmd struct {
	Init     caInitCmd     `cmd:"" help:"Make a private certificate authority in a new folder. Keep the folder off the network."`
	Server   caServerCmd   `cmd:"" help:"Make a certificate for our own ports, or the next one for them."`
	Hospital caHospitalCmd `cmd:"" help:"Make a certificate for a hospital's modalities, gateway or programs, or the next one."`
	List     caListCmd     `cmd:"" help:"What was issued, and what is to be done soon."`
	Revoke   caRevokeCmd   `cmd:"" help:"Take certificates back: lost, stolen, or of a hospital that has left."`
	Renew    caRenewCmd    `cmd:"" help:"Write the revocation list anew, once a year at least."`
	Rotate   caRotateCmd   `cmd:"" help:"Make the next authority, years before the present one ends. Both are believed until 'ca retire'."`
	Retire   caRetireCmd   `cmd:"" help:"Stop believing older authorities."`
}

// caFolder is where an authority is kept.
type caFolder struct {
	Dir string `help:"Folder of the authority." default:"ca" type:"path" placeholder:"DIR"`
}

func (f caFolder) open() (*ca.Authority, error) {
	a, err := ca.Open(f.Dir)
	if errors.Is(err, ca.ErrNone) {
		return nil, fmt.Errorf("%s holds no authority: make one with `dokuei ca init --dir %s`, or name its folder with --dir", f.Dir, f.Dir)
	}
	return a, err
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

type caInitCmd struct {
	caFolder `embed:""`
	Name     string `help:"Name of the authority, as others see it." default:"Dokuei private CA"`
	Key      string `help:"Kind of its keys and of all below it: ecdsa, or rsa for modalities that know nothing else." enum:"ecdsa,rsa" default:"ecdsa"`
	Days     int    `help:"Life in days." default:"3650"`
}

// Run makes an authority.
func (c caInitCmd) Run(con console) error {
	_, err := ca.Init(c.Dir, c.Name, c.Key, days(c.Days))
	if errors.Is(err, ca.ErrThere) {
		return fmt.Errorf("%s holds an authority already; `dokuei ca rotate` makes the next one in it", c.Dir)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%s\n%s\n", filepath.Join(c.Dir, "ca.pem"), filepath.Join(c.Dir, "crl.pem"))
	fmt.Fprintf(con.Err, "Made. Give ca.pem to everybody who is to believe this authority; it is no secret.\n"+
		"Keep %s where no network reaches, and a copy in a safe: who has it can be any hospital.\n", filepath.Join(c.Dir, "private"))
	return nil
}

type caServerCmd struct {
	caFolder `embed:""`
	Names    []string `arg:"" name:"name" help:"Host names and addresses by which the ports are called; the first names the files."`
	Days     int      `help:"Life in days." default:"397"`
}

// Run makes a certificate for our ports.
func (c caServerCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	made, err := a.Server(c.Names, days(c.Days))
	if err != nil {
		return err
	}
	handOver(con, c.Dir, made, true)
	fmt.Fprintln(con.Err, "Copy both over the ones in use: the service reads them again by itself.")
	return nil
}

type caHospitalCmd struct {
	caFolder `embed:""`
	ID       string   `arg:"" help:"ID of the hospital in the site file. The certificate speaks for it and for no other."`
	Host     []string `help:"Host name or address under which the hospital itself receives over TLS, if it does. Repeatable." placeholder:"NAME"`
	Request  string   `help:"The hospital's certificate request (PKCS #10, PEM): its key never leaves it. Default: a key is made here." placeholder:"FILE" type:"existingfile"`
	Days     int      `help:"Life in days." default:"397"`
}

// Run makes a certificate for a hospital.
func (c caHospitalCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	var request []byte
	if c.Request != "" {
		if request, err = os.ReadFile(c.Request); err != nil {
			return err
		}
	}
	made, err := a.Client(c.ID, c.Host, request, days(c.Days))
	if err != nil {
		return err
	}
	handOver(con, c.Dir, made, request == nil)
	if request == nil {
		fmt.Fprintln(con.Err, "Bring both to the hospital on paths apart from e-mail, with ca.pem, and delete the key here afterwards.")
	}
	fmt.Fprintln(con.Err, "Certificates made for it before stay good until they expire or are revoked.")
	return nil
}

// handOver names the files that were made, and says until when they are good.
func handOver(con console, dir string, made ca.Issued, key bool) {
	fmt.Fprintln(con.Out, filepath.Join(dir, made.Name+".pem"))
	if key {
		fmt.Fprintln(con.Out, filepath.Join(dir, made.Name+".key"))
	}
	fmt.Fprintf(con.Err, "Serial number %s, good until %s.\n", made.Serial(), made.NotAfter.Local().Format(time.DateOnly))
}

type caListCmd struct {
	caFolder `embed:""`
	All      bool `help:"Also what has expired or was revoked."`
}

// soon is when an end is spoken of.
const soon = 45 * 24 * time.Hour

// Run lists what was issued.
func (c caListCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	list, err := a.List()
	if err != nil {
		return err
	}
	now := time.Now()
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSERIAL\tUNTIL\tHOSPITAL\tSTATE")
	newest := map[string]bool{}
	for _, one := range list {
		first := !newest[one.Name]
		newest[one.Name] = true
		if one.Usable(now) || c.All {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", one.Name, one.Serial(), one.NotAfter.Local().Format(time.DateOnly), ca.FacilityOf(one.Certificate), state(one, now))
		}
		if first && one.RevokedAt.IsZero() && now.Add(soon).After(one.NotAfter) {
			fmt.Fprintf(con.Err, "%s ends on %s: make the next one.\n", one.Name, one.NotAfter.Local().Format(time.DateOnly))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	due, err := a.ListsDue()
	if err == nil && now.Add(soon).After(due) {
		fmt.Fprintf(con.Err, "The revocation list is due on %s: `dokuei ca renew`, then copy crl.pem to the service.\n", due.Local().Format(time.DateOnly))
	}
	if own := a.Certificates(); now.Add(days(730)).After(own[0].NotAfter) {
		fmt.Fprintf(con.Err, "The authority itself ends on %s: `dokuei ca rotate`.\n", own[0].NotAfter.Local().Format(time.DateOnly))
	} else if len(own) > 1 {
		fmt.Fprintf(con.Err, "%d authorities are believed; when nothing of the older ones is in use, `dokuei ca retire`.\n", len(own))
	}
	return err
}

func state(c ca.Issued, now time.Time) string {
	switch {
	case !c.RevokedAt.IsZero():
		return "revoked " + c.RevokedAt.Local().Format(time.DateOnly)
	case !now.Before(c.NotAfter):
		return "expired"
	}
	return "good"
}

type caRevokeCmd struct {
	caFolder `embed:""`
	Which    string `arg:"" help:"Serial number (its first digits will do), or a name as in 'ca list' for all of that name."`
}

// Run revokes.
func (c caRevokeCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	gone, err := a.Revoke(c.Which)
	if errors.Is(err, ca.ErrUnknown) {
		return fmt.Errorf("nothing called %q was issued here; `dokuei ca list --all` has names and serial numbers", c.Which)
	}
	if err != nil {
		return err
	}
	for _, one := range gone {
		fmt.Fprintf(con.Out, "%s %s\n", one.Name, one.Serial())
	}
	fmt.Fprintf(con.Err, "Revoked. Copy %s to the service (--tls-crl): it reads it again by itself and refuses them from the next call on.\n", filepath.Join(c.Dir, "crl.pem"))
	return nil
}

type caRenewCmd struct {
	caFolder `embed:""`
}

// Run renews the revocation list.
func (c caRenewCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	if err := a.RenewLists(); err != nil {
		return err
	}
	fmt.Fprintln(con.Out, filepath.Join(c.Dir, "crl.pem"))
	return nil
}

type caRotateCmd struct {
	caFolder `embed:""`
	Days     int `help:"Life of the next authority in days." default:"3650"`
}

// Run makes the next authority.
func (c caRotateCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	if err := a.Rotate(days(c.Days)); err != nil {
		return err
	}
	fmt.Fprintln(con.Out, filepath.Join(c.Dir, "ca.pem"))
	fmt.Fprintln(con.Err, "The next authority signs from now on. Bring ca.pem, which holds both, and crl.pem to everybody first;\n"+
		"then make new certificates one after the other; `dokuei ca retire` when the last old one has been replaced.")
	return nil
}

type caRetireCmd struct {
	caFolder `embed:""`
	Force    bool `help:"Even if certificates of theirs are in use: those are refused then."`
}

// Run retires the older authorities.
func (c caRetireCmd) Run(con console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	if err := a.Retire(c.Force); err != nil {
		return fmt.Errorf("%w, or give --force", err)
	}
	fmt.Fprintln(con.Out, filepath.Join(c.Dir, "ca.pem"))
	fmt.Fprintln(con.Err, "Bring ca.pem and crl.pem to everybody.")
	return nil
}
