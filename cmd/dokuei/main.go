package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker (Makefile).
var version = "unknown"

type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the service: DICOM receiver, router, worklist and web pages."`
	Demo       demoCmd       `cmd:"" help:"Serve with demo content: two hospitals, three readers, CT and MR studies."`
	Send       sendCmd       `cmd:"" help:"Send DICOM files, folders or a DICOMDIR by C-STORE; resumes where it stopped."`
	Dump       dumpCmd       `cmd:"" help:"Print the data elements of a DICOM file."`
	Deidentify deidentifyCmd `cmd:"" help:"Take out of DICOM files who they are of (PS3.15 Annex E)."`
	Decode     decodeCmd     `cmd:"" help:"Decode a bare JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream into raw samples."`
	Trace      traceCmd      `cmd:"" help:"Stand between two DICOM peers and print what they say, the patient's data masked."`
	Apply      applyCmd      `cmd:"" help:"Show what a site.yaml would change (hospitals, readers, panels, rules, users), then apply it."`
	Audit      auditCmd      `cmd:"" help:"The audit trail: verify it, export it."`
	CA         caCmd         `cmd:"" name:"ca" help:"A private certificate authority: certificates for our ports and for hospitals, revocation, rotation."`
	Simulate   simulateCmd   `cmd:"" help:"Play weeks of a reading network in virtual time through the real rules, assignment and clocks."`
	Invite     inviteCmd     `cmd:"" help:"Print the link by which somebody opens their account; makes the account if there is none."`
	Token      tokenCmd      `cmd:"" help:"Bearer tokens for machine clients of the HTTP API."`
	Verify     verifyCmd     `cmd:"" help:"Read every stored object and compare it with the catalog. Exit code 3 when one is damaged or missing."`
	Rebuild    rebuildCmd    `cmd:"" name:"rebuild-catalog" help:"Make a lost catalog again from the stored objects alone."`
	Rederive   rederiveCmd   `cmd:"" name:"rebuild" help:"Make thumbnails, previews and series bundles anew from the originals."`
	Backup     backupCmd     `cmd:"" help:"Copy catalog and images to a folder while the service runs; again copies only what is new."`
	Mirror     mirrorCmd     `cmd:"" help:"Keep a second site: catalog and images to another folder or bucket, again and again."`
	Keys       keysCmd       `cmd:"" help:"Keys that the image store is encrypted under: make, list, change."`
	Trash      trashCmd      `cmd:"" help:"Studies that are to be deleted: list them, take one back, keep one under legal hold."`
	Restore    restoreCmd    `cmd:"" help:"Bring a backup back to a place where no catalog is."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// console is where a command talks to the person or script that started it.
type console struct {
	Out io.Writer // results: scripts read these
	Err io.Writer // progress, logs, questions
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], console{Out: os.Stdout, Err: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "dokuei:", err)
		var special interface{ ExitCode() int }
		if errors.As(err, &special) {
			os.Exit(special.ExitCode())
		}
		os.Exit(1)
	}
}

// errHelp ends a run that only printed help.
var errHelp = errors.New("help was printed")

// run is main without the process.
func run(ctx context.Context, args []string, con console) (err error) {
	defer func() {
		switch p := recover(); {
		case p == nil:
		case p == errHelp: //nolint:errorlint // the very value kong's Exit panics with
			err = nil
		default:
			panic(p)
		}
	}()
	file, err := configFile(args, os.Environ())
	if err != nil {
		return err
	}
	parser, err := newParser(ctx, con, file)
	if err != nil {
		return err
	}
	if err := knownEnvironment(parser.Model, os.Environ()); err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w; `dokuei --help` lists the commands and their flags", err)
	}
	return k.Run()
}

// newParser knows every command and what may be set.
func newParser(ctx context.Context, con console, file *settings) (*kong.Kong, error) {
	return kong.New(&cli{},
		kong.Name("dokuei"),
		kong.Description("読影: DICOM teleradiology routing and reading workflow.\n\n"+
			"Every flag may also be set by its environment variable or, under the flag's name, in the YAML file named by --config; "+
			"flags win over the environment, the environment over the file."),
		kong.UsageOnError(),
		kong.DefaultEnvars("DOKUEI"),
		kong.Resolvers(file),
		kong.Writers(con.Out, con.Err),
		// Help exits through a panic so that no test process ends here.
		kong.Exit(func(int) { panic(errHelp) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"demoPassword": demoPassword},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(con),
	)
}

type versionCmd struct{}

func (versionCmd) Run(con console) error {
	_, err := fmt.Fprintln(con.Out, "dokuei", version)
	return err
}
