// Package disk asks the operating system what the standard library does not: room
// on a volume, whether an error means that it is used up, and locks between
// processes.
package disk
