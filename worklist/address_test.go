package worklist_test

import (
	"testing"

	"github.com/dokuei/dokuei/worklist"
)

func TestAdmitsFrom(t *testing.T) {
	t.Parallel()
	f := worklist.Facility{Addresses: []string{"192.0.2.0/24", "198.51.100.7", "2001:db8::/32"}}
	for host, want := range map[string]bool{
		"192.0.2.1": true, "192.0.3.1": false, "198.51.100.7": true, "198.51.100.8": false, "::ffff:192.0.2.9": true,
		"2001:db8::1": true, "2001:db9::1": false, "": false, "pipe": false, "192.0.2.1:104": false,
	} {
		if f.AdmitsFrom(host) != want {
			t.Errorf("%q: not %v", host, want)
		}
		if !(worklist.Facility{}).AdmitsFrom(host) {
			t.Errorf("%q is refused though nothing is asked", host)
		}
	}
	for s, want := range map[string]string{
		"192.0.2.0/24": "192.0.2.0/24", "192.0.2.1": "192.0.2.1/32", "192.0.2.1/24": "", "::1": "::1/128", "0.0.0.0/0": "0.0.0.0/0",
		"": "", "192.0.2": "", "fe80::1%eth0": "", "::ffff:10.0.0.0/104": "", "192.0.2.0/33": "", "host": "",
	} {
		p, err := worklist.ParseNetwork(s)
		if (err != nil) != (want == "") || err == nil && p.String() != want {
			t.Errorf("%q: %v, %v", s, p, err)
		}
	}
}
