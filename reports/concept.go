package reports

// Concept is a coded concept, PS3.3 §8.
type Concept struct {
	Value, Scheme, Meaning string
}
