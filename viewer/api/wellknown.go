package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// securityLife is how long security.txt says to be true (RFC 9116 2.5.5 asks for less
// than a year).
const securityLife = 180 * 24 * time.Hour

// securityText tells who finds a weakness whom to tell (RFC 9116).
func (s *server) securityText(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	for _, c := range s.SecurityContacts {
		fmt.Fprintf(&b, "Contact: %s\n", c)
	}
	fmt.Fprintf(&b, "Expires: %s\n", time.Now().UTC().Truncate(24*time.Hour).Add(securityLife).Format(time.RFC3339))
	b.WriteString("Preferred-Languages: ja, en\n")
	fmt.Fprintf(&b, "Canonical: %s/.well-known/security.txt\n", s.origin(r))
	plain(w, http.StatusOK, b.String())
}
