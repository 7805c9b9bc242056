// Package matching compares a data set in memory with the keys of a query:
//
//	PS3.4 C.2.2.2    single value, list of UID, universal, wild card, range, sequence
//	PS3.4 C.2.2.2.6  a sequence matches by any of its items; the key has one item
//	PS3.4 Table K.6-1 dates and times that are asked for together
//
// Person names are compared as the catalog compares them (catalog.Fold): without
// regard to case, width or kind of kana, a name of one component group with each
// of the three groups. Other text is compared as it is written. Several values
// are a list, any of which matches.
//
// A Matcher is made once a query and may be used by any goroutine. What a key
// may ask is bounded, so that comparing costs little whatever it says.
//
// Left out: fuzzy matching, time zone adjustment, empty value and multiple value
// matching (PS3.4 C.2.2.2.7, C.2.2.2.8).
package matching
