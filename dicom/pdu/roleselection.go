package pdu

// RoleSelection is the SCP/SCU role selection sub-item, PS3.7 Tables D.3-9
// and D.3-10.
type RoleSelection struct {
	SOPClassUID string
	SCU, SCP    bool
}

func decodeRoleSelection(s *scanner) (RoleSelection, error) {
	s.item = "role selection"
	b, err := s.counted("UID-length")
	if err != nil {
		return RoleSelection{}, err
	}
	var r RoleSelection
	if r.SOPClassUID, err = s.uid(b); err != nil {
		return r, err
	}
	if b, err = s.next(2); err != nil {
		return r, err
	}
	r.SCU, r.SCP = b[0] != 0, b[1] != 0
	return r, nil
}

func (r *RoleSelection) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemRoleSelection)
	dst, err := appendCounted(dst, "role selection", r.SOPClassUID)
	if err != nil {
		return dst, err
	}
	return end(append(dst, flag(r.SCU), flag(r.SCP)), start, "role selection")
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
