package api

import "github.com/dokuei/dokuei/storage/identity"

// routingRoutes are those of rules, directory, shifts, assignment and figures.
func (s *server) routingRoutes() []route {
	return []route{
		{"POST", "/rules/test", identity.ViewDirectory, s.testRules},
		{"POST", "/rules/replay", identity.ViewDirectory, s.replayRules},
		{"GET", "/rules/versions", identity.ViewDirectory, s.ruleVersions},
		{"GET", "/directory", identity.ViewDirectory, s.directory},
		{"POST", "/directory/plan", identity.ChangeDirectory, s.planDirectory},
		{"POST", "/directory/apply", identity.ChangeDirectory, s.applyDirectory},
		{"GET", "/shifts", identity.ViewDirectory, s.shifts},
		{"POST", "/shifts", identity.ReassignWork, s.addShift},
		{"POST", "/shifts/cancel", identity.ReassignWork, s.cancelShift},
		{"GET", "/roster", identity.ViewDirectory, s.roster},
		{"GET", "/indicators", identity.ViewDirectory, s.indicators},
		{"GET", "/reconciliations", identity.ManageOrders, s.reconciliations},
		{"POST", "/reconciliations/resolve", identity.ManageOrders, s.resolveReconciliation},
		{"GET", "/lists", identity.ReadWorklist, s.sharedLists},
		{"POST", "/lists", identity.ReadWorklist, s.shareList},
		{"DELETE", "/lists/{id}", identity.ReadWorklist, s.dropList},
		{"GET", "/board", identity.ReassignWork, s.board},
		{"GET", "/escalations", identity.ReassignWork, s.escalations},
		{"GET", "/workitems/{id}/choice", identity.ReadWorklist, s.choice},
		{"POST", "/workitems/{id}/takeover", identity.ClaimWork, s.takeOver},
		{"POST", "/workitems/{id}/decline", identity.ClaimWork, s.decline},
		{"POST", "/workitems/assign", identity.ReassignWork, s.assignMany},
	}
}
