// Package rule decides where a study goes: ordered rules with typed
// conditions, the first that matches wins, and a fallback that always does.
//
// Evaluation is a pure function of a [Subject] and a [Set]: the same study and
// the same rules give the same [Decision], which names for every rule whether it
// matched and why, in Japanese and English. Words are looked for in the request,
// the descriptions and the protocol names with width and case folded
// (Unicode NFKC, UAX #15), so that ＣＴ, ct and ｃｔ are one word and half-width
// kana meet their full-width form.
//
// Attributes used: Modality (0008,0060), Body Part Examined (0018,0015),
// Patient's Birth Date (0010,0030), Patient's Age (0010,1010), Patient's Sex
// (0010,0040), Requested Procedure Priority (0040,1003, PS3.3 Table C.4-11),
// Study and Series Description, Protocol Name (0018,1030), Reason for the
// Requested Procedure (0040,1002).
//
// Left out so far: an expression language, effective dates, replay of past
// studies. The package keeps no state; Evaluate may run in any goroutine.
package rule
