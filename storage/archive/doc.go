// Package archive answers queries and retrievals out of the catalog and the object
// store: the Finder and Retriever of dicom/service (PS3.4 Annex C).
//
// # Whose studies
//
// A peer sees the studies of the facility it was recognised as and nothing else. A
// reader's workstation sees what the reader does on the pages: what was granted, and
// priors of other facilities while the patient's consent and what was agreed allow it,
// asked again with every request. Who the peer is is the only thing that comes from
// outside the identifier. What is outside its scope does not exist: a query finds
// nothing, a retrieval selects nothing. Objects of facilities whose readers must not
// know the patients go through Disguise on their way.
//
// # Keys
//
// Those of catalog.Attributes, at every level, whatever the level of the query:
// queries are relational. Retrieve AE Title and Instance Availability are
// returned. Keys that are not supported are left out of the answers, by which the
// service tells the peer (FF01).
//
// # Memory
//
// A query holds the IDs of its matches, at most Limit, and a page of rows; a
// retrieval the list of its instances, at most service.MaxSubOperations. Data sets
// are streamed from the store.
//
// Left out: fuzzy matching, time zone adjustment, combined date and time matching,
// retrieval of frames (PS3.4 Annexes Y and Z).
package archive
