package catalog

import (
	"errors"
	"strings"
)

var errRange = errors.New("is neither a date or time nor a range of them")

// dateRange is matching of a DA, single or by range (PS3.4 C.2.2.2.5). A study
// without a date is in no range.
func dateRange(column, v string) (cond string, args []any, err error) {
	from, to, ranged, err := ends(v, func(s string) (string, bool) {
		s = strings.ReplaceAll(s, ".", "") // ACR-NEMA 2.0 (PS3.5 Table 6.2-1)
		return s, len(s) == 8
	})
	switch {
	case err != nil:
		return "", nil, err
	case !ranged:
		return column + " = ?", []any{from}, nil
	case from == "":
		return "(" + column + " <> '' AND " + column + " <= ?)", []any{to}, nil
	case to == "":
		return column + " >= ?", []any{from}, nil
	}
	return "(" + column + " >= ? AND " + column + " <= ?)", []any{from, to}, nil
}

// timeRange is matching of a TM. A time of less than full precision stands for
// all times that begin with it.
func timeRange(column, v string) (cond string, args []any, err error) {
	from, to, ranged, err := ends(v, func(s string) (string, bool) {
		s = strings.ReplaceAll(s, ":", "")
		whole, fraction, _ := strings.Cut(s, ".")
		return s, len(whole) >= 2 && len(whole) <= 6 && len(whole)%2 == 0 && len(fraction) <= 6 && (fraction == "" || len(whole) == 6)
	})
	if err != nil {
		return "", nil, err
	}
	if !ranged {
		to = from
	}
	var conds []string
	if from != "" {
		conds, args = append(conds, column+" >= ?"), append(args, from)
	} else {
		conds = append(conds, column+" <> ''")
	}
	if to != "" {
		conds, args = append(conds, "SUBSTR("+column+", 1, ?) <= ?"), append(args, len(to), to)
	}
	return "(" + strings.Join(conds, " AND ") + ")", args, nil
}

// ends takes a range apart; clean brings one end into the form of a column and
// checks its length. Digits and a point are all that is left.
func ends(v string, clean func(string) (string, bool)) (from, to string, ranged bool, err error) {
	from, to, ranged = strings.Cut(v, "-")
	for _, end := range []*string{&from, &to} {
		s := strings.TrimSpace(*end)
		if s == "" {
			*end = ""
			continue
		}
		s, ok := clean(s)
		if !ok || strings.Trim(s, "0123456789.") != "" {
			return "", "", false, errRange
		}
		*end = s
	}
	if from == "" && to == "" {
		return "", "", false, errRange
	}
	return from, to, ranged, nil
}
