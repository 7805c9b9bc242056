// Command dokuei is the whole service in one static binary: the DICOM
// receiver, the router, the worklist and the web pages.
//
// The files here only wire packages together: main.go parses the command
// line, config.go layers flags, environment and YAML file, app.go builds the
// running service from its parts, and there is one file for each command.
package main
