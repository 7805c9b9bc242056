package room

import (
	"encoding/csv"
	"io"
	"strings"
	"time"
)

// WriteCSV writes messages as RFC 4180 with a byte order mark, without which
// spreadsheets take UTF-8 for something else. name gives the words for a user.
func WriteCSV(w io.Writer, messages []Message, name func(user string) string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"at", "author", "text", "mentions", "picture", "read by"}); err != nil {
		return err
	}
	for _, m := range messages {
		var mentions, reads []string
		for _, u := range m.Mentions {
			mentions = append(mentions, name(u))
		}
		for _, r := range m.Reads {
			reads = append(reads, name(r.User)+" "+r.At.Format(time.RFC3339))
		}
		picture := ""
		if m.Picture != nil {
			picture = m.ID
		}
		row := []string{m.At.Format(time.RFC3339), name(m.Author), m.Body, strings.Join(mentions, "; "), picture, strings.Join(reads, "; ")}
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula: an apostrophe goes
// before what begins like one, also after blanks, and in full width.
func inert(cell string) string {
	begin := strings.TrimLeft(cell, " \t\r\n\u3000")
	if begin != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(begin)[0]) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
		return "'" + cell
	}
	return cell
}
