package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Bounds of the index of words.
const (
	wordMax  = 32  // characters of a word that are kept
	wordsMax = 400 // words of one study: a clinical question may be a page long
	askedMax = 8   // words of one search
	rareMax  = 500 // of a word that is rare: its studies are named one by one
)

// pieces cuts folded text into what is compared: runs of letters and digits, and
// runs of kanji and kana, which are written without spaces.
func pieces(folded string) (list []string) {
	begin, before := 0, none
	for i, r := range folded + " " {
		now := scriptOf(r)
		if now == before {
			continue
		}
		if before != none {
			list = append(list, clip(folded[begin:i]))
		}
		begin, before = i, now
	}
	return list
}

type script int

const (
	none   script = iota // what stands between words
	spaced               // words have spaces around them
	dense                // they have not
)

func scriptOf(r rune) script {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana), r == 'ー', r == '々':
		return dense
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return spaced
	}
	return none
}

func clip(word string) string {
	n := 0
	for i := range word {
		if n++; n > wordMax {
			return word[:i]
		}
	}
	return word
}

// wordsOf are the words under which a study is found. A number is found without its
// leading zeros too: nobody types them.
func wordsOf(search string) []string {
	found := make(map[string]bool)
	for _, p := range pieces(search) {
		found[p] = true
		if first, size := []rune(p)[0], len(p); scriptOf(first) == dense {
			for i := range p {
				found[p[i:size]] = true
			}
		} else if t := strings.TrimLeft(p, "0"); t != "" {
			found[t] = true
		}
		if len(found) >= wordsMax {
			break
		}
	}
	list := make([]string, 0, len(found))
	for w := range found {
		list = append(list, w)
	}
	slices.Sort(list)
	return list[:min(len(list), wordsMax)]
}

// indexWords writes the words a study is found by; fresh says that nothing is there.
func indexWords(ctx context.Context, tx db.Tx, s *Study, fresh bool) error {
	if !fresh {
		if _, err := tx.ExecContext(ctx, `DELETE FROM study_words WHERE study_id = $1`, s.ID); err != nil {
			return fmt.Errorf("catalog: words: %w", err)
		}
	}
	for _, w := range wordsOf(s.search()) {
		_, err := tx.ExecContext(ctx, `INSERT INTO study_words (word, study_id) VALUES ($1, $2)`, w, s.ID)
		if err != nil {
			return fmt.Errorf("catalog: words: %w", err)
		}
	}
	return nil
}

// AddText asks that each word of text begins a word of the study, or stands anywhere
// in its kanji and kana, on table studies. The time it takes does not grow with the
// number of studies: a rare word is looked up here and names its studies; with
// common words alone the list is walked in its own order and soon has its page. Of
// patients who are hidden from the scope only the whole pseudonym is found.
func (w *Where) AddText(ctx context.Context, tx db.Tx, scope identity.Scope, text string) error {
	if Fold(text) == "" {
		return nil
	}
	h, err := hiddenOf(ctx, tx, scope, text)
	if err != nil {
		return err
	}
	sub := Where{Args: w.Args}
	if err := sub.addText(ctx, tx, text); err != nil {
		return err
	}
	w.Args = sub.Args
	h.guard(w, sub.Conds)
	return nil
}

func (w *Where) addText(ctx context.Context, tx db.Tx, text string) error {
	folded := Fold(text)
	asked := pieces(folded)
	if len(asked) == 0 && folded != "" {
		w.Add(`1 = 0`) // punctuation is in no word
	}
	for _, word := range asked[:min(len(asked), askedMax)] {
		ids, rare, err := studiesWith(ctx, tx, word)
		if err != nil {
			return err
		}
		switch {
		case !rare:
			w.Add(`EXISTS (SELECT 1 FROM study_words sw WHERE sw.study_id = studies.id AND sw.word >= ? AND sw.word < ?)`, word, word+last)
		case len(ids) == 0:
			w.Add(`1 = 0`)
		default:
			w.Add(`studies.id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, ids...)
		}
	}
	return nil
}

// last is after every character of a word.
const last = "\U0010FFFF"

// studiesWith looks up the studies with a word; rare is false when they are too many
// to be named.
func studiesWith(ctx context.Context, tx db.Tx, word string) (ids []any, rare bool, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT study_id FROM study_words WHERE word >= $1 AND word < $2 LIMIT `+strconv.Itoa(rareMax+1), word, word+last)
	if err != nil {
		return nil, false, fmt.Errorf("catalog: words: %w", err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, false, fmt.Errorf("catalog: words: %w", err)
		}
		if !slices.Contains(ids, any(id)) { // several words of a study may begin alike
			ids = append(ids, id)
		}
	}
	return ids, n <= rareMax, rows.Err()
}
