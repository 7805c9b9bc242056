module dokuei/benchmarks/gopeer

go 1.26.8

require github.com/suyashkumar/dicom v1.0.7

require golang.org/x/text v0.3.8 // indirect
