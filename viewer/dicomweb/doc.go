// Package dicomweb lets other people's viewers and modalities in: DICOM over HTTP
// (PS3.18 §10), beside our own JSON API.
//
//	GET  /studies, /series, /instances and those below one another   QIDO-RS (§10.6)
//	GET  …/{study}[/series/{series}[/instances/{instance}]]          WADO-RS (§10.4): objects, /metadata, /thumbnail
//	GET  …/instances/{instance}/frames/{list}, /rendered, /bulkdata  frames as stored or decoded, pictures, large values
//	POST /studies, /studies/{study}                                  STOW-RS (§10.5)
//	…/workitems, /workitems/{workitem}, /state, /cancelrequest       UPS-RS (§11) on worklist/ups
//
// The package has no door of its own: Routes names for each the right it needs, and
// the caller asks for it, as it does for its own routes. Every read carries the
// scope; what is outside it does not exist. What is stored belongs to the facility of
// the one who stores it, whatever the object says.
//
// Metadata is application/dicom+json (Annex F), or application/dicom+xml (PS3.19 A.1)
// for those who ask: names with their three representations, values longer than a
// kilobyte by BulkDataURI. Objects go out as
// they are kept, in their own transfer syntax, which the part's Content-Type names:
// default and wild card mean the same here. Frames go out as stored when the client
// takes that, else decoded to little endian samples; those of colour images are RGB
// then. HTJ2K (image/jphc) is made of any grey or colour frame for a client that asks.
// What came by STOW-RS loses its preamble (PS3.10 §7.1), which may hold anything.
//
// Left out: XML that is sent in, subscriptions of UPS-RS (501), capabilities, deletion, transcoding of
// whole objects, annotations in other scripts than ASCII, pixels in bulk data.
//
// Memory: an answer is streamed, one header or one frame within the budget of
// preview.Pipeline at a time; a stored object is streamed into ingest.
//
// Concurrency: a Server is safe for any number of goroutines.
package dicomweb
