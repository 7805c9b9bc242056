// Package archive finds signed reports by their text, by codes, hospital and date,
// within what a principal may see, and gives them out for research without who they
// are of.
//
// Japanese is written without spaces: of a run of kanji and kana the pairs of its
// characters are kept, of other scripts the words. A search asks the index for all
// of its pairs and words, and then the text itself, so that 血腫 is not found in
// 血管の腫瘍. Codes are words of their own kind. Both databases hold the same plain
// table.
//
// Only the newest version of a study's report is found: what was corrected or taken
// back is read from there.
package archive
