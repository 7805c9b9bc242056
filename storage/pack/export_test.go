package pack

// Remember sets how many values a store remembers.
func Remember(s *Store, values int) { s.memory.most = values }

// Remembered tells how many it does.
func Remembered(s *Store) int { return s.memory.values }
