package site

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/worklist"
)

// routes are the ways out beside C-STORE, by the scheme of their URL, with the
// objects each can carry; the first is the default.
var routes = map[string][]string{
	"mllp":  {"oru"}, // HL7 v2 ORU^R01
	"mllps": {"oru"}, // the same over TLS
	"https": {"fhir", "notice"},
	"http":  {"fhir", "notice"},
	"file":  {"pdf", "sr", "enhanced", "measurements", "keys", "text", "oru", "fhir"}, // a watched folder
	// E-mail through the service's relay: that there is a report, and nothing of whom
	// it is about.
	"mailto": {"notice"},
}

// stored are the objects that go by C-STORE; sr and pdf unless the file says else.
var stored = []string{"sr", "pdf", "enhanced", "measurements", "keys"}

// ports of routes that name none. A folder and a letter have none: their rows have 1.
var ports = map[string]int{"https": 443, "http": 80, "mllp": 2575, "mllps": 2575, "file": 1, "mailto": 1}

// isRoute tells a URL from AE@host:port.
func isRoute(to string) bool { return strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") }

// splitRoute checks the URL of a route and gives its parts.
func splitRoute(to string) (u *url.URL, port int, err error) {
	u, err = url.Parse(to)
	if err != nil || routes[u.Scheme] == nil {
		return nil, 0, fmt.Errorf("%s is neither AE@host:port nor a URL of mllp, mllps, https, http, file or mailto", quote(to))
	}
	switch {
	case u.User != nil || u.Fragment != "":
		return nil, 0, errors.New("a route has neither a password nor a fragment in its URL")
	case u.Scheme == "file":
		if u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "/../") {
			return nil, 0, errors.New("a folder is written file:///path, from the root")
		}
	case u.Scheme == "mailto":
		at, err := mail.ParseAddress(u.Opaque)
		if err != nil || at.Address != u.Opaque || u.RawQuery != "" {
			return nil, 0, errors.New("a letter is written mailto:name@host, to one address")
		}
	case u.Hostname() == "":
		return nil, 0, fmt.Errorf("%s names no host", quote(to))
	case strings.HasPrefix(u.Scheme, "mllp") && (strings.Trim(u.Path, "/") != "" || u.RawQuery != ""):
		return nil, 0, errors.New("an MLLP receiver is host:port and nothing else")
	}
	port = ports[u.Scheme]
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, 0, fmt.Errorf("port %s is not between 1 and 65535", quote(p))
		}
	}
	return u, port, nil
}

func (x Destination) checkRoute(p *Problems, who string) {
	u, _, err := splitRoute(x.To)
	if err != nil {
		p.add(x.line("to"), "%s: destination %s: %v", who, quote(x.Name), err)
		return
	}
	for _, o := range x.Objects {
		if !slices.Contains(routes[u.Scheme], o) {
			p.add(x.line("objects"), "%s: destination %s: %s carries %s, not %s", who, quote(x.Name), u.Scheme, strings.Join(routes[u.Scheme], " "), quote(o))
		}
	}
	if x.RetrieveOnly || x.Notify != "" || x.TLS != "" || x.Commit || x.Performed {
		p.add(x.line("to"), "%s: destination %s: retrieve_only, notify, performed, tls and commit are of DICOM destinations", who, quote(x.Name))
	}
	checkOnce(p, x.line("objects"), who+": object", x.Objects)
}

// target is how a destination stands in its row.
func (x Destination) target() (d worklist.Destination, err error) {
	if !isRoute(x.To) {
		d.AETitle, d.Host, d.Port, err = splitTo(x.To)
		return d, err
	}
	u, port, err := splitRoute(x.To)
	if err != nil {
		return d, err
	}
	return worklist.Destination{Host: u.Hostname(), Port: port, Route: x.To}, nil
}

// defaultObjects are those of a destination that names none.
func (x Destination) defaultObjects() []string {
	if !isRoute(x.To) {
		return []string{"sr", "pdf"}
	}
	u, _, err := splitRoute(x.To)
	if err != nil { // Parse has refused it
		return nil
	}
	return []string{routes[u.Scheme][0]}
}
