// Package site keeps the directory in a file: hospitals, destinations, panels,
// users and rules written by hand in YAML, compared with what is in force, and
// applied.
//
// A file is read strictly ([Parse]): an unknown key, a key given twice, a wrong
// type or a value outside its grammar is an error with its line, and all errors
// of a file are told at once ([Problems]). AE titles follow the value
// representation AE of PS3.5 Table 6.2-1.
//
// [Plan] lays the file over the directory and says in one line each what would
// be added (+), changed (~), removed (-) or left alone (=). What the file does
// not name is left alone; `prune: true` in the file removes it. Removed
// hospitals, panels and users keep their rows, switched off, because old
// studies and reports name them. [Apply] does what Plan says in one
// transaction; applying the same file again changes nothing. It works on the
// database of a running server, which reads the directory anew at each use.
//
// A password in the file is used once, when its user is made; without one a
// random password is made and returned, once.
//
// Left out so far: CSV. Nothing is
// kept in memory between calls; a file is at most [MaxSize].
package site
