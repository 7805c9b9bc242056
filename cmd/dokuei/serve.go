package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

type serveCmd struct {
	DICOMAddr string `name:"dicom-addr" help:"Address of the plain DICOM receiver; port 0 picks a free one, off means none." default:":11112" placeholder:"HOST:PORT"`
	HTTPAddr  string `name:"http-addr" help:"Address of the pages and the JSON API: HTTPS with --http-tls-cert or --acme-host, else for an HTTPS proxy in front of it." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	UnknownAE string `name:"unknown-ae" help:"Hospital that unregistered calling AE titles count as, or reject. A hospital that does not exist is made." default:"reject" placeholder:"FACILITY|reject"`
	options   `embed:""`
	signIn    `embed:""`
	webDoor   `embed:""`
	standby   `embed:""`
}

// options are those that serve and demo share word for word.
type options struct {
	place           `embed:""`
	logging         `embed:""`
	dicomTLS        `embed:""`
	scrubbing       `embed:""`
	AETitle         string `name:"ae-title" help:"Our AE title." default:"DOKUEI"`
	MaxAssociations int    `help:"DICOM associations at once, half of them from one address or of one hospital; more are refused with 'local limit exceeded'." default:"512"`
	MaxInstance     int64  `help:"Largest instance taken, in GiB; a sender that goes on is cut off." default:"16" placeholder:"GIB"`
	FreeSpace       *size  `help:"Disk space kept free: below it senders are answered A700 (out of resources). Default: a hundredth of the volume, between 8MiB and 1GiB." placeholder:"SIZE"`
	PprofAddr       string `name:"pprof-addr" help:"Address for 'go tool pprof', of this machine only. Default: none." placeholder:"127.0.0.1:PORT"`
	LocalRoutes     bool   `name:"local-routes" help:"Routes of destinations may lead to this machine itself (an integration engine beside the service)."`
	HL7Addr         string `name:"hl7-addr" help:"Address of the receiver of HL7 orders (ORM^O01, OMG^O19, OMI^O23 over MLLP), plain. Default: none." placeholder:"HOST:PORT"`
	HL7TLSAddr      string `name:"hl7-tls-addr" help:"The same over TLS, with the certificate of the DICOM receiver. Default: none." placeholder:"HOST:PORT"`
	Organization    string `help:"Name on the letterhead of reports." default:"遠隔画像診断 Dokuei"`
	OrganizationEn  string `help:"The same in English." default:"Dokuei teleradiology"`
	DictationURL    string `name:"dictation-url" help:"Engine of the house that writes down what readers dictate (docs/ASSIST.md): this machine or a private address. Default: none." placeholder:"URL"`
	DraftingURL     string `name:"drafting-url" help:"Engine of the house that proposes drafts of reports (docs/ASSIST.md), likewise. Default: none." placeholder:"URL"`
	alerts          `embed:""`
	trail           `embed:""`
}

// Run serves until it is told to stop.
func (c serveCmd) Run(ctx context.Context, con console) error {
	return c.start(ctx, con, c.logger(con), nil)
}

// start runs the service. prepare, if any, is called once everything answers and
// before the ready line is printed.
func (c serveCmd) start(ctx context.Context, con console, log *slog.Logger, prepare func(context.Context, addresses) error) error {
	if err := c.makeData(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	return a.run(ctx, func(ctx context.Context, at addresses) error {
		if prepare != nil {
			if err := prepare(ctx, at); err != nil || ctx.Err() != nil {
				return err
			}
		}
		line, err := json.Marshal(struct {
			Ready    bool   `json:"ready"`
			DICOM    string `json:"dicom,omitempty"`
			DICOMTLS string `json:"dicom_tls,omitempty"`
			HTTP     string `json:"http"`
			HL7      string `json:"hl7,omitempty"`
			HL7TLS   string `json:"hl7_tls,omitempty"`
		}{true, at.DICOM, at.DICOMTLS, at.HTTP, at.HL7, at.HL7TLS})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.Out, "%s\n", line)
		return err
	})
}
