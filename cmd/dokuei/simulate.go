package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/router/simulate"
	"github.com/dokuei/dokuei/router/site"
)

type simulateCmd struct {
	Hospitals int       `help:"Hospitals." default:"11"`
	PerDay    float64   `name:"per-day" help:"Studies on a working day." default:"75"`
	Readers   int       `help:"Readers on the roster." default:"6"`
	Days      int       `help:"Days to play." default:"30"`
	Scale     []float64 `help:"Arrivals and readers, times this." default:"1,1.41,3"`
	NoShow    float64   `name:"no-show" help:"Also play with this share of the readers not coming." default:"0.33"`
	Seed      uint64    `help:"Another month." default:"1"`
	Rules     string    `help:"A site.yaml whose rules are played; default: those of an example." type:"existingfile" placeholder:"FILE"`
	Plots     string    `help:"Folder for plots, one SVG for each scale." placeholder:"DIR"`
}

// Run plays the month under each policy and prints what became of it.
func (c simulateCmd) Run(ctx context.Context, con console) error {
	network, err := c.site()
	if err != nil {
		return err
	}
	base := simulate.Config{Hospitals: c.Hospitals, PerDay: c.PerDay, Readers: c.Readers, Days: c.Days, Seed: c.Seed, Site: network}
	var all []simulate.Result
	play := func(scale, noShow float64, policies []simulate.Policy) error {
		for _, p := range policies {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			one := base
			one.Scale, one.NoShow, one.Policy = scale, noShow, p
			r, err := simulate.Run(ctx, one)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		return nil
	}
	for _, scale := range c.Scale {
		first := len(all)
		if err := play(scale, 0, simulate.Policies); err != nil {
			return err
		}
		if err := c.plot(scale, all[first:]); err != nil {
			return err
		}
	}
	if c.NoShow > 0 {
		if err := play(c.Scale[0], c.NoShow, simulate.Policies[:1]); err != nil {
			return err
		}
	}
	return simulate.WriteTable(con.Out, all)
}

func (c simulateCmd) site() (site.File, error) {
	if c.Rules == "" {
		return site.File{}, nil
	}
	f, err := os.Open(c.Rules)
	if err != nil {
		return site.File{}, err
	}
	defer f.Close()
	file, err := site.Parse(f)
	if err == nil && file.Fallback == nil {
		err = fmt.Errorf("%s has no fallback: say what happens to a study no rule matches", c.Rules)
	}
	return file, err
}

func (c simulateCmd) plot(scale float64, results []simulate.Result) error {
	if c.Plots == "" {
		return nil
	}
	if err := os.MkdirAll(c.Plots, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(c.Plots, fmt.Sprintf("scale-%g.svg", scale)))
	if err != nil {
		return err
	}
	if err := simulate.WriteSVG(f, results); err != nil {
		_ = f.Close() // the first error counts
		return err
	}
	return f.Close()
}
