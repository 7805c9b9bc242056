package simulate

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// Geometry of a plot, in pixels.
const (
	plotWidth, plotHeight = 420, 260
	plotLeft, plotBottom  = 56, 40
)

var colours = map[Policy]string{Ours: "#0b7a75", RoundRobin: "#c2571a", FirstClaim: "#6a4fb3"}

// WriteSVG draws the runs of one scale: how many studies were signed within which
// time, STAT and the rest; and the minutes of each reader for each hour of their week.
func WriteSVG(out io.Writer, results []Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n", 3*plotWidth, plotHeight+30)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	curves(&b, 0, "STAT: signed within", 60*time.Minute, results, func(r Result) []time.Duration { return r.Stat.Final })
	curves(&b, plotWidth, "the rest: signed within", 24*time.Hour, results, func(r Result) []time.Duration { return r.Routine.Final })
	bars(&b, 2*plotWidth, results)
	for i, r := range results {
		x := plotLeft + i*230
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/><text x="%d" y="%d">%s: late %.2f%%, Gini %.3f</text>`+"\n",
			x, plotHeight+10, colours[r.Config.Policy], x+14, plotHeight+19, html.EscapeString(string(r.Config.Policy)), 100*r.Late, r.Gini)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func axes(b *strings.Builder, x int, title, left string, ticks []string) {
	right, bottom := x+plotWidth-16, plotHeight-plotBottom
	fmt.Fprintf(b, `<text x="%d" y="18" font-weight="bold">%s</text>`+"\n", x+plotLeft, html.EscapeString(title))
	fmt.Fprintf(b, `<path d="M%d 28V%dH%d" fill="none" stroke="#555"/>`+"\n", x+plotLeft, bottom, right)
	fmt.Fprintf(b, `<text x="%d" y="36" text-anchor="end">%s</text><text x="%d" y="%d" text-anchor="end">0</text>`+"\n", x+plotLeft-4, left, x+plotLeft-4, bottom)
	for i, t := range ticks {
		at := x + plotLeft + i*(right-x-plotLeft)/(len(ticks)-1)
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", at, bottom+16, t)
	}
}

// curves are cumulative shares.
func curves(b *strings.Builder, x int, title string, longest time.Duration, results []Result, of func(Result) []time.Duration) {
	var ticks []string
	for i := range 5 {
		ticks = append(ticks, (longest * time.Duration(i) / 4).Round(time.Minute).String())
	}
	for i, t := range ticks {
		ticks[i] = strings.Replace(strings.TrimSuffix(t, "0s"), "h0m", "h", 1)
	}
	axes(b, x, title, "100%", ticks)
	width, height := float64(plotWidth-16-plotLeft), float64(plotHeight-plotBottom-28)
	for _, r := range results {
		list := of(r)
		if len(list) == 0 {
			continue
		}
		var path strings.Builder
		for i := 0; i <= 200; i++ {
			t := longest * time.Duration(i) / 200
			n := 0
			for n < len(list) && list[n] <= t {
				n++
			}
			command := "L"
			if i == 0 {
				command = "M"
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", command, float64(x+plotLeft)+width*float64(i)/200, 28+height*(1-float64(n)/float64(len(list))))
		}
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", path.String(), colours[r.Config.Policy])
	}
}

// bars are the readers, the policies side by side.
func bars(b *strings.Builder, x int, results []Result) {
	most, readers := 0.0, 0
	for _, r := range results {
		readers = max(readers, len(r.Loads))
		for _, l := range r.Loads {
			most = max(most, l.rate())
		}
	}
	if most == 0 || readers == 0 {
		return
	}
	axes(b, x, "minutes read for each hour of the reader's week", fmt.Sprintf("%.0f", most), []string{"first reader", "last"})
	width := float64(plotWidth-16-plotLeft) / float64(readers)
	for i, r := range results {
		for j, l := range r.Loads {
			h := float64(plotHeight-plotBottom-28) * l.rate() / most
			w := width * 0.8 / float64(len(results))
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
				float64(x+plotLeft)+width*(float64(j)+0.1)+w*float64(i), float64(plotHeight-plotBottom)-h, w, h, colours[r.Config.Policy])
		}
	}
}
