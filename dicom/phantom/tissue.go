package phantom

// tissue is what a voxel is made of.
type tissue uint8

const (
	air tissue = iota
	skin
	fat
	muscle
	cortical // dense bone
	diploe   // spongy bone
	petrous
	csf
	white
	grey
	deep // basal ganglia and thalamus
	falx
	blood
	oedema
	infarct
	calcium
	vitreous
	lens
	mucosa
	tissues // their number
)

// hounsfield is the mean CT number of each tissue at 120 kV.
var hounsfield = [tissues]float32{
	air: -1000, skin: 55, fat: -95, muscle: 48, cortical: 1150, diploe: 620, petrous: 1500,
	csf: 8, white: 28, grey: 37, deep: 38, falx: 60, blood: 65, oedema: 20, infarct: 22,
	calcium: 190, vitreous: 8, lens: 85, mucosa: 40,
}
