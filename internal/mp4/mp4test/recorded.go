package mp4test

// Recorded is the film as a browser writes it while it records (ISO/IEC 14496-12 8.8):
// an index without samples, then half a second at a time, a moof box before its media.
func (f Film) Recorded() []byte {
	if f.Codec == "" {
		f.Codec = "avc1"
	}
	if f.Seconds == 0 {
		f.Seconds = 1
	}
	out := box("ftyp", []byte("iso5\x00\x00\x02\x00iso5iso6mp41"))
	traks := f.trak(1, "vide", 0, timescale, step, f.picture(), nil)
	extends := box("trex", be32(0, 1, 1, 0, 0, 0))
	if f.Sound {
		traks = append(traks, f.trak(2, "soun", 0, 48000, 1024, speech(), nil)...)
		extends = append(extends, box("trex", be32(0, 2, 1, 1024, uint32(len(silence)), 0))...)
	}
	head := box("mvhd", be32(0, 0xE0000000, 0xE0000000, timescale, 0, 1<<16), be16(0x100), make([]byte, 10), matrix(false), make([]byte, 24), be32(9))
	out = append(out, box("moov", head, traks, box("mvex", extends), box("udta", []byte(f.Secret)))...)
	for k := range 2 * f.Seconds {
		picture := f.sample(uint32(k % 2))
		media := append([]byte(f.Secret), picture...)
		// Offsets count from the beginning of the moof box, whose length they do not change.
		fragment := func(size int) []byte {
			begin := uint32(size + 8 + len(f.Secret))
			const baseIsMoof = 0x20000
			parts := append(box("mfhd", be32(0, uint32(k+1))), box("traf",
				box("tfhd", be32(baseIsMoof|0x20, 1, 1<<16)), // no picture is one to begin with, but the first of a run
				box("tfdt", be32(1<<24), be64(uint64(k*step))),
				box("trun", be32(1<<24|0x305, 1, begin, 0, step, uint32(len(picture)))))...)
			if f.Sound {
				parts = append(parts, box("traf",
					box("tfhd", be32(baseIsMoof, 2)),
					box("tfdt", be32(0, uint32(k*24*1024))),
					box("trun", be32(1, 20, begin+uint32(len(picture)))),
					box("trun", be32(0, 4)))...)
			}
			return box("moof", parts, box("uuid", []byte("0123456789abcdef"), []byte(f.Secret)))
		}
		if f.Sound {
			for range 24 {
				media = append(media, silence...)
			}
		}
		out = append(append(out, fragment(len(fragment(0)))...), box("mdat", media)...)
	}
	return append(out, box("mfra", []byte(f.Secret))...)
}
