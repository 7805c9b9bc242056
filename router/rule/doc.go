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
// Beside the conditions a rule may have an expression (github.com/expr-lang/expr)
// over study, series, request and hospital:
//
//	"CT" in study.modalities and study.age >= 75 and not hospital.open
//	any(series, .protocol contains "Perfusion") or says("t-PA", "脳梗塞")
//
// Its parts, taken apart at the outermost `and`, are reasons of their own. What an
// expression may cost is bounded when it is written: its length, its loops (series
// only, two deep), the memory of running it.
//
// Every set of rules that was in force is kept, with who made it; a decision names
// the version that made it. The package keeps no state; Evaluate may run in any
// goroutine.
package rule
