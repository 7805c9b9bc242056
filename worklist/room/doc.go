// Package room keeps the conversations about studies.
//
// # Rooms
//
// The room of a study has the study's ID and no row: it is there from the moment
// the study has a Workitem. Who sits in it is asked of the present state, never
// stored, so that it follows the work: the people of the study's hospital, the
// reader who has claimed or signed a Workitem of it or to whom one is offered by
// name, coordinators, and who was invited. A room that is not the asker's does not
// exist for them.
//
// A consult asks several candidates at the same time, each in a private room
// with the asker. The first to accept closes the others; what was decided about
// moving the patient is recorded with it. A candidate who could not see the study
// sees it while asked, and no longer when the room closes.
//
// # Messages
//
// Messages are never changed or deleted. A message is text, a picture or a film.
// Pictures are decoded and encoded again by the standard library, films are written
// anew by package mp4 with nothing but pictures and sound: metadata and whatever was
// hidden in the file stay behind. Both are kept in the object store. Each message
// keeps who has read it and when. A message may carry an ID of its sender's (a
// UUID), by which a lost answer can be asked for twice.
//
// # Looking together
//
// Members of a room can look at its study together: one leads, and the pages of the
// others show what the leader's shows. A look holds where that is (Place), which is
// replaced many times a second and is neither event nor message; that somebody
// began, came, took the lead, left is both, and on record. Streams learn of a move
// by asking the database for one number (LooksChanged), so that any node serves any
// of them. A page that is not heard of for Away is gone, and a look that nobody is
// at is over.
//
// # Promises
//
// Every change writes its event and its audit record in the same transaction; the
// texts themselves stand in neither. Bounds: text of MaxBody characters, pictures
// of MaxPicture bytes and MaxPixels pixels, decoded one at a time; films of MaxFilm
// bytes and MaxFilmLength, of which the index and one picture are in memory; pages of
// PageSize messages.
//
// # Left out
//
// Sound alone, editing and deleting. The pictures of a film are not decoded: whether
// they can be seen depends on the browser.
package room
