// Package sbom lists what a program is made of, as CycloneDX 1.6 JSON: the Go modules
// its binary says it was linked from, the npm packages of its pages, and the fonts
// and data that are embedded, each with its licences.
//
// Licences are read from the texts in the module cache; a text that nothing is known
// of is an error, and so is a licence that Allowed does not name.
package sbom
