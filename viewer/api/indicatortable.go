package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/worklist"
)

// indicatorTable writes one of the tables of the figures as CSV: reads (when none is
// named), years, speeds or readers.
func (s *server) indicatorTable(c *call, f worklist.Indicators, targets map[string]int, table string) error {
	if table == "" {
		table = "reads"
	}
	var rows [][]string
	switch table {
	case "reads":
		rows = append(rows, []string{"month", "facility", "modality", "reads"})
		for _, r := range f.Reads {
			rows = append(rows, []string{r.Month, r.FacilityID, r.Modality, strconv.Itoa(r.Studies)})
		}
	case "years":
		rows = append(rows, []string{"fiscal_year", "reads", "growth_percent", "target", "reached_percent", "partial"})
		for _, y := range f.Years(targets) {
			row := []string{strconv.Itoa(y.Year), "", "", "", "", ""}
			if y.Seen {
				row[1], row[5] = strconv.Itoa(y.Reads), strconv.FormatBool(!y.Whole)
			}
			if y.Growth != 0 {
				row[2] = fmt.Sprintf("%.1f", 100*y.Growth)
			}
			if y.Target != 0 {
				row[3] = strconv.Itoa(y.Target)
			}
			if share, ok := y.Share(); ok {
				row[4] = fmt.Sprintf("%.1f", 100*share)
			}
			rows = append(rows, row)
		}
	case "speeds":
		rows = append(rows, []string{"priority", "studies", "claim_p50_seconds", "final_p50_seconds", "final_p95_seconds", "in_time", "in_time_percent", "next_clinical_day", "next_clinical_day_percent"})
		for _, x := range f.Speeds {
			rows = append(rows, []string{
				string(x.Priority), strconv.Itoa(x.Studies), seconds(x.Claim50.Seconds()), seconds(x.Final50.Seconds()), seconds(x.Final95.Seconds()),
				strconv.Itoa(x.InTime), portion(x.InTime, x.Studies), strconv.Itoa(x.ByClinicalDay), portion(x.ByClinicalDay, x.Studies),
			})
		}
	case "readers":
		rows = append(rows, []string{"reader", "name", "reads"})
		b := newBook(c.r.Context(), s.DB.Read(c.r.Context()), c)
		for _, r := range f.Readers {
			who, err := b.user(r.Reader)
			if err != nil {
				return err
			}
			rows = append(rows, []string{r.Reader, who.Name, strconv.Itoa(r.Studies)})
		}
	default:
		return errBadRequest.with("table is reads, years, speeds or readers")
	}
	return c.table(table, rows)
}

// table answers with rows as CSV; a cell that begins like a formula gets an apostrophe.
func (c *call) table(name string, rows [][]string) error {
	var b bytes.Buffer
	b.WriteString("\ufeff") // by which spreadsheets know UTF-8
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		for i, cell := range row {
			row[i] = site.Defused(cell)
		}
		_ = w.Write(row) // Flush has the error
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	return c.csv(name, b.Bytes())
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 0, 64) }

func portion(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", 100*float64(n)/float64(of))
}
