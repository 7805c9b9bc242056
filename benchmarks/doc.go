// Package benchmarks measures the product as a whole and beside what others have
// made for the same job. It holds no code of the product, only benchmarks; those of
// one package stand in that package, and the table of the codecs in codecs. README.md
// says how to run them, results what they gave, where and under what load.
package benchmarks
