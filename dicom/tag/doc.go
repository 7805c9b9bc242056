// Package tag holds data element tags (PS3.5 §7.1) and the data dictionary of
// PS3.6 §6, PS3.6 §7 (file meta information), PS3.6 §8 (directory structuring) and
// PS3.7 Annex E (command fields).
//
// The dictionary is a table embedded in the program, read on the first lookup
// (about a megabyte of memory) and never changed; lookups do not allocate and are
// safe for concurrent use. The constants name the attributes of the groups the
// product deals in; every other keyword is found with ByKeyword. Private
// dictionaries are left out: private elements keep the VR they came with.
//
//go:generate go run generate.go
package tag
