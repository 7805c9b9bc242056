package pdu

// UserInformation is the user information item, PS3.8 Tables 9-16 and 9-20,
// with the sub-items of PS3.8 Annex D.1 and PS3.7 Annex D.3.3.
type UserInformation struct {
	MaximumLength             *MaximumLength
	ImplementationClassUID    string
	ImplementationVersionName string
	AsyncOperationsWindow     *AsyncOperationsWindow
	RoleSelections            []RoleSelection
	ExtendedNegotiations      []ExtendedNegotiation
	CommonExtended            []CommonExtendedNegotiation // request only
	UserIdentityRQ            *UserIdentityRQ             // request only
	UserIdentityAC            *UserIdentityAC             // acceptance only
}

func (u *UserInformation) decode(s *scanner) error {
	s.item = "user information"
	for count := 0; s.more(); count++ {
		if count == maxSubItems {
			return s.fail("more than %d sub-items", maxSubItems)
		}
		kind, v, err := s.child()
		if err != nil {
			return err
		}
		switch kind {
		case itemMaximumLength:
			u.MaximumLength, err = decodeMaximumLength(&v)
		case itemImplementationClassUID:
			u.ImplementationClassUID, err = decodeImplementationClassUID(&v)
		case itemImplementationVersionName:
			u.ImplementationVersionName, err = decodeImplementationVersionName(&v)
		case itemAsyncOperationsWindow:
			u.AsyncOperationsWindow, err = decodeAsyncOperationsWindow(&v)
		case itemRoleSelection:
			var r RoleSelection
			r, err = decodeRoleSelection(&v)
			u.RoleSelections = append(u.RoleSelections, r)
		case itemExtendedNegotiation:
			var e ExtendedNegotiation
			e, err = decodeExtendedNegotiation(&v)
			u.ExtendedNegotiations = append(u.ExtendedNegotiations, e)
		case itemCommonExtendedNegotiation:
			var e CommonExtendedNegotiation
			e, err = decodeCommonExtendedNegotiation(&v)
			u.CommonExtended = append(u.CommonExtended, e)
		case itemUserIdentityRQ:
			u.UserIdentityRQ, err = decodeUserIdentityRQ(&v)
		case itemUserIdentityAC:
			u.UserIdentityAC, err = decodeUserIdentityAC(&v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// append adds the item, sub-items in ascending order of type (PS3.7 D.3.3).
func (u *UserInformation) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemUserInformation)
	if u.MaximumLength != nil {
		dst = u.MaximumLength.append(dst)
	}
	dst, err := appendImplementationClassUID(dst, u.ImplementationClassUID)
	if err != nil {
		return dst, err
	}
	if u.AsyncOperationsWindow != nil {
		dst = u.AsyncOperationsWindow.append(dst)
	}
	for i := range u.RoleSelections {
		if dst, err = u.RoleSelections[i].append(dst); err != nil {
			return dst, err
		}
	}
	if dst, err = appendImplementationVersionName(dst, u.ImplementationVersionName); err != nil {
		return dst, err
	}
	for i := range u.ExtendedNegotiations {
		if dst, err = u.ExtendedNegotiations[i].append(dst); err != nil {
			return dst, err
		}
	}
	for i := range u.CommonExtended {
		if dst, err = u.CommonExtended[i].append(dst); err != nil {
			return dst, err
		}
	}
	if u.UserIdentityRQ != nil {
		if dst, err = u.UserIdentityRQ.append(dst); err != nil {
			return dst, err
		}
	}
	if u.UserIdentityAC != nil {
		if dst, err = u.UserIdentityAC.append(dst); err != nil {
			return dst, err
		}
	}
	return end(dst, start, "user information")
}
