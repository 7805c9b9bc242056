package mp4test

// The pictures are coded after ISO/IEC 14496-10 in the simplest way there is: every
// macroblock is I_PCM, its values as they are.

// bits writes numbers bit by bit, the first one highest (7.2).
type bits struct {
	out  []byte
	free int // bits of the last byte that are not used
}

func (b *bits) put(v uint32, n int) {
	for n--; n >= 0; n-- {
		if b.free == 0 {
			b.out, b.free = append(b.out, 0), 8
		}
		b.free--
		b.out[len(b.out)-1] |= byte(v>>n&1) << b.free
	}
}

// fill ends the last byte with bits of v.
func (b *bits) fill(v uint32) {
	for b.free > 0 {
		b.put(v, 1)
	}
}

// ue is an Exp-Golomb code (9.1).
func (b *bits) ue(v uint32) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	b.put(0, n)
	b.put(v+1, n+1)
}

// trail is rbsp_trailing_bits (7.3.2.11).
func (b *bits) trail() []byte {
	b.put(1, 1)
	b.fill(0)
	return b.out
}

// unit is a NAL unit: no three bytes in it look like a start code (7.4.1.1).
func unit(head byte, rbsp []byte) []byte {
	out, zeros := []byte{head}, 0
	for _, b := range rbsp {
		if zeros == 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, b); b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// sequence is a sequence parameter set (7.3.2.1.1): constrained baseline, level 2.
func sequence() []byte {
	b := bits{}
	b.put(66, 8)
	b.put(0xC0, 8)
	b.put(20, 8)
	b.ue(0)            // seq_parameter_set_id
	b.ue(0)            // log2_max_frame_num_minus4
	b.ue(2)            // pic_order_cnt_type
	b.ue(1)            // max_num_ref_frames
	b.put(0, 1)        // gaps_in_frame_num_value_allowed_flag
	b.ue(Width/16 - 1) // pic_width_in_mbs_minus1
	b.ue(Height/16 - 1)
	b.put(1, 1) // frame_mbs_only_flag
	b.put(1, 1) // direct_8x8_inference_flag
	b.put(0, 2) // no cropping, no VUI
	return unit(0x67, b.trail())
}

// parameters is a picture parameter set (7.3.2.2): CAVLC, one slice.
func parameters() []byte {
	b := bits{}
	b.ue(0)
	b.ue(0)
	b.put(0, 2)
	b.ue(0)
	b.ue(0)
	b.ue(0)
	b.put(0, 3) // no weighting
	b.ue(0)     // pic_init_qp_minus26 and the two after it, signed, are 0
	b.ue(0)
	b.ue(0)
	b.put(1, 1) // deblocking_filter_control_present_flag
	b.put(0, 2)
	return unit(0x68, b.trail())
}

// slice is a picture of one grey from which decoding can begin (7.3.3, 7.3.5).
func slice(grey byte, idr uint32) []byte {
	b := bits{}
	b.ue(0)     // first_mb_in_slice
	b.ue(7)     // slice_type I
	b.ue(0)     // pic_parameter_set_id
	b.put(0, 4) // frame_num
	b.ue(idr)   // idr_pic_id: not that of the one before
	b.put(0, 2) // dec_ref_pic_marking
	b.ue(0)     // slice_qp_delta
	b.ue(1)     // disable_deblocking_filter_idc
	for range Width / 16 * Height / 16 {
		b.ue(25) // I_PCM
		b.fill(0)
		for k := range 384 {
			v := uint32(128)
			if k < 256 {
				v = uint32(grey)
			}
			b.put(v, 8)
		}
	}
	return unit(0x65, b.trail())
}
