// Package commitment holds the data sets of the Storage Commitment Push Model,
// PS3.4 Annex J: the request an SCU makes by N-ACTION (Table J.3-1) and the
// answer it gets by N-EVENT-REPORT (Table J.3-2).
//
// What comes from the wire is checked: UIDs by their grammar, the number of
// references by MaxItems. Values are small and hold no shared state.
//
// Left out: Storage Media File-Set attributes and Retrieve AE Title per
// reference, which say where else instances may be had.
package commitment
