// Package lint reads a report before it is signed and names what a careful
// colleague would ask about: rules with names, each a pure function of the text.
//
//	question       the request asks for something the report does not speak of
//	side           right and left contradict each other, or the request, or the image
//	region         the impression is of another part of the body than the study
//	lesion-size    a lesion without a measure
//	lesion-site    a lesion without a place
//	figure         the text refers to a figure that is not there
//	comparison     there are earlier examinations, and the report names none
//	critical       words of a critical finding, and nobody is to be told
//	abbreviation   an abbreviation the ward may not know, or may read otherwise
//	sex            an organ the patient does not have
//
// Rules read Japanese and English in one text. They work on words, not on
// meaning: what is negated ("認めません", "no evidence of") is taken as not there,
// and every finding can be overridden with a reason, which is signed with the
// report. Findings come in the order of the rules.
//
// Left out: spelling, grammar, and any judgement of what is right. No state, no
// goroutines; time in proportion to the text.
package lint
