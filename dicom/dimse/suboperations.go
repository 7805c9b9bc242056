package dimse

// SubOperations are the counts of a C-GET-RSP or C-MOVE-RSP, PS3.7 Tables
// 9.3-7 and 9.3-10; nil is absent.
type SubOperations struct{ Remaining, Completed, Failed, Warning *uint16 }

func (s *SubOperations) elements(w *walker) {
	w.count(remainingSubOperations, &s.Remaining)
	w.count(completedSubOperations, &s.Completed)
	w.count(failedSubOperations, &s.Failed)
	w.count(warningSubOperations, &s.Warning)
}
