package jpegll

// predictFirst reconstructs the first row of an interval (T.81 §H.1.2.1): the
// first sample from the value already in row[0], the rest from the left.
func predictFirst(row, diff []uint16, step int) {
	left, at := row[0], 0
	for i := range row {
		left += diff[at]
		row[i] = left
		at += step
	}
}

// predict reconstructs a later row. row[0] holds the prediction of the first
// sample, the one above; the others are predicted by Table H.1 from the left
// (a), above (b) and above left (c), modulo 2^16.
func predict(selection int, row, up, diff []uint16, step int) {
	up = up[:len(row)]
	row[0] += diff[0]
	a, c, at := int32(row[0]), int32(up[0]), step
	switch selection {
	case 1:
		if step == 1 {
			left, diff := row[0], diff[:len(row)]
			for i := 1; i < len(row); i++ {
				left += diff[i]
				row[i] = left
			}
			return
		}
		for i := 1; i < len(row); i++ {
			a = int32(uint16(a) + diff[at])
			row[i] = uint16(a)
			at += step
		}
	case 2:
		for i := 1; i < len(row); i++ {
			row[i] = up[i] + diff[at]
			at += step
		}
	case 3:
		for i := 1; i < len(row); i++ {
			row[i] = up[i-1] + diff[at]
			at += step
		}
	case 4:
		for i := 1; i < len(row); i++ {
			b := int32(up[i])
			v := uint16(a+b-c) + diff[at]
			row[i], a, c = v, int32(v), b
			at += step
		}
	case 5:
		for i := 1; i < len(row); i++ {
			b := int32(up[i])
			v := uint16(a+(b-c)>>1) + diff[at]
			row[i], a, c = v, int32(v), b
			at += step
		}
	case 6:
		for i := 1; i < len(row); i++ {
			b := int32(up[i])
			v := uint16(b+(a-c)>>1) + diff[at]
			row[i], a, c = v, int32(v), b
			at += step
		}
	default: // 7
		for i := 1; i < len(row); i++ {
			b := int32(up[i])
			v := uint16((a+b)>>1) + diff[at]
			row[i], a = v, int32(v)
			at += step
		}
	}
}
