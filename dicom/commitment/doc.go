// Package commitment holds the data sets of the Storage Commitment Push Model,
// PS3.4 Annex J: the request an SCU makes by N-ACTION (Table J.3-1) and the
// answer it gets by N-EVENT-REPORT (Table J.3-2).
//
// Asker is the user of the class: it asks over a service.Client and takes in the
// report on the same association or on one the provider opens.
//
// What comes from the wire is checked: UIDs by their grammar, the number of
// references by MaxItems. Values are small and hold no shared state; an Asker may be used from
// any goroutine.
//
// Left out: Storage Media File-Set attributes and Retrieve AE Title per
// reference, which say where else instances may be had.
package commitment
