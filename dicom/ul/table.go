package ul

// table is PS3.8 Table 9-10, DICOM upper layer protocol state transitions: the
// action for an event in a state. An empty cell is an event that cannot happen
// there.
var table = [events][states]Action{
	Evt1:  {Sta1: AE1},
	Evt2:  {Sta4: AE2},
	Evt3:  {Sta2: AA1, Sta3: AA8, Sta5: AE3, Sta6: AA8, Sta7: AA8, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA6},
	Evt4:  {Sta2: AA1, Sta3: AA8, Sta5: AE4, Sta6: AA8, Sta7: AA8, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA6},
	Evt5:  {Sta1: AE5},
	Evt6:  {Sta2: AE6, Sta3: AA8, Sta5: AA8, Sta6: AA8, Sta7: AA8, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA7},
	Evt7:  {Sta3: AE7},
	Evt8:  {Sta3: AE8},
	Evt9:  {Sta6: DT1, Sta8: AR7},
	Evt10: {Sta2: AA1, Sta3: AA8, Sta5: AA8, Sta6: DT2, Sta7: AR6, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA6},
	Evt11: {Sta6: AR1},
	Evt12: {Sta2: AA1, Sta3: AA8, Sta5: AA8, Sta6: AR2, Sta7: AR8, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA6},
	Evt13: {Sta2: AA1, Sta3: AA8, Sta5: AA8, Sta6: AA8, Sta7: AR3, Sta8: AA8, Sta9: AA8, Sta10: AR10, Sta11: AR3, Sta12: AA8, Sta13: AA6},
	Evt14: {Sta8: AR4, Sta9: AR9, Sta12: AR4},
	Evt15: {Sta3: AA1, Sta4: AA2, Sta5: AA1, Sta6: AA1, Sta7: AA1, Sta8: AA1, Sta9: AA1, Sta10: AA1, Sta11: AA1, Sta12: AA1},
	Evt16: {Sta2: AA2, Sta3: AA3, Sta5: AA3, Sta6: AA3, Sta7: AA3, Sta8: AA3, Sta9: AA3, Sta10: AA3, Sta11: AA3, Sta12: AA3, Sta13: AA2},
	Evt17: {Sta2: AA5, Sta3: AA4, Sta4: AA4, Sta5: AA4, Sta6: AA4, Sta7: AA4, Sta8: AA4, Sta9: AA4, Sta10: AA4, Sta11: AA4, Sta12: AA4, Sta13: AR5},
	Evt18: {Sta2: AA2, Sta13: AA2},
	Evt19: {Sta2: AA1, Sta3: AA8, Sta5: AA8, Sta6: AA8, Sta7: AA8, Sta8: AA8, Sta9: AA8, Sta10: AA8, Sta11: AA8, Sta12: AA8, Sta13: AA7},
}

// nextState is the state after an action, PS3.8 Tables 9-6 to 9-9. AE-6 and
// AR-8 have two; the other one is in branch.
var nextState = [actions]State{
	AE1: Sta4, AE2: Sta5, AE3: Sta6, AE4: Sta1, AE5: Sta2, AE6: Sta3, AE7: Sta6, AE8: Sta13,
	DT1: Sta6, DT2: Sta6,
	AR1: Sta7, AR2: Sta8, AR3: Sta1, AR4: Sta13, AR5: Sta1, AR6: Sta7, AR7: Sta8, AR8: Sta10, AR9: Sta11, AR10: Sta12,
	AA1: Sta13, AA2: Sta1, AA3: Sta1, AA4: Sta1, AA5: Sta1, AA6: Sta13, AA7: Sta13, AA8: Sta13,
}

// branch is the other outcome: AE-6 when the request is not acceptable to the
// service provider, AR-8 on the side that requested the association.
var branch = [actions]State{AE6: Sta13, AR8: Sta9}

// Next gives the action and the following state for an event in a state; ok is
// false for an empty cell. other chooses the second outcome of AE-6 and AR-8.
func Next(s State, e Event, other bool) (a Action, next State, ok bool) {
	if s == 0 || s >= states || e == 0 || e >= events {
		return 0, s, false
	}
	if a = table[e][s]; a == 0 {
		return 0, s, false
	}
	if other && branch[a] != 0 {
		return a, branch[a], true
	}
	return a, nextState[a], true
}
