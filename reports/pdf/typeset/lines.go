package typeset

// Width gives the advance of one character in any unit.
type Width func(r rune) int

// Lines breaks a text into lines no wider than limit. Line ends of the text
// stay line ends; an empty line stays an empty line. Spaces at a break are
// dropped. A word wider than the line is broken where it must be.
func Lines(text string, limit int, width Width) []string {
	var out []string
	para := make([]rune, 0, 256)
	flush := func() {
		out = append(out, paragraph(para, limit, width)...)
		para = para[:0]
	}
	for _, r := range text {
		switch r {
		case '\n':
			flush()
		case '\t':
			para = append(para, ' ', ' ')
		case '\r':
		default:
			para = append(para, r)
		}
	}
	flush()
	return out
}

func paragraph(p []rune, limit int, width Width) []string {
	if len(p) == 0 {
		return []string{""}
	}
	var out []string
	for start := 0; start < len(p); {
		end := lineEnd(p, start, limit, width)
		stop := end
		for stop > start && p[stop-1] == ' ' {
			stop--
		}
		out = append(out, string(p[start:stop]))
		start = end
	}
	return out
}

// lineEnd returns where the line that begins at start ends: the last allowed
// break that fits, or, when there is none, the last character that fits. It
// always takes at least one character.
func lineEnd(p []rune, start, limit int, width Width) int {
	used, lastBreak, hanging := 0, 0, 0
	for i := start; i < len(p); i++ {
		if i > start && canBreak(p[i-1], p[i]) && !measured(p, i) {
			lastBreak = i
		}
		w := width(p[i])
		if joined(p[i]) {
			w = 0
		}
		if p[i] == ' ' {
			hanging += w // spaces count only when something follows them
			continue
		}
		if used+hanging+w > limit && i > start {
			if lastBreak > start {
				return lastBreak
			}
			return i
		}
		used += hanging + w
		hanging = 0
	}
	return len(p)
}
