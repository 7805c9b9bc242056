package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
)

type applyCmd struct {
	place   `embed:""`
	logging `embed:""`
	File    string `short:"f" required:"" help:"Site file; examples/site.yaml explains it." placeholder:"SITE.YAML" type:"existingfile"`
	DryRun  bool   `help:"Only show the difference."`
}

// Run shows what the file would change and changes it. The server may be
// running: it reads the directory anew for every association and request.
func (a applyCmd) Run(ctx context.Context, con console) error {
	f, err := os.Open(a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	file, err := site.Parse(f)
	if err != nil {
		return fmt.Errorf("%s: %w", a.File, err)
	}
	if err := a.makeData(); err != nil {
		return err
	}
	d, err := db.Open(ctx, a.dbURL(), a.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	diff, err := site.Plan(ctx, d.Read(ctx), file)
	if err != nil {
		return err
	}
	if fmt.Fprint(con.Out, diff); a.DryRun {
		return nil
	}
	result, err := site.Apply(ctx, d, file, "apply")
	if err != nil {
		return err
	}
	for _, p := range result.Passwords {
		fmt.Fprintf(con.Out, "first password of %s: %s\n", p.Login, p.Password)
	}
	fmt.Fprintln(con.Err, "applied")
	return nil
}
