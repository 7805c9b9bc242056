package main

import (
	"strings"
	"testing"
)

// A destination that is called over TLS is believed by its authority or by its
// certificate alone, and is shown ours; one that is known otherwise is not.
func TestDestinationsOverTLS(t *testing.T) {
	t.Parallel()
	tool(t, "movescu")
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	cert, key, shown := ours.issue(t, "dokuei")
	pacsCert, pacsKey, fingerprint := theirs.issue(t, "pacs")
	_, _, other := theirs.issue(t, "other")
	known := strings.Replace(network, "ae_titles: [KITA_CT]", `ae_titles: [KITA_CT], certificates: ["`+shown+`"]`, 1)
	pacs := serve(t, newData(t, known), "--ae-title", "PACS", "--unknown-ae", "kita",
		"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", pacsCert, "--dicom-tls-key", pacsKey, "--dicom-tls-client-ca", ours.file())
	data := newData(t, network)
	s := serve(t, data, "--dicom-tls-cert", cert, "--dicom-tls-key", key, "--dicom-tls-ca", theirs.file())
	study, uid := slices(t, 2)
	s.send(t, "MINAMI_CT", study)
	for _, c := range []struct {
		name, tls string
		works     bool
	}{
		{"plain, to a TLS port", "", false},
		{"another certificate", ", tls: \"" + other + "\"", false},
		{"its certificate", ", tls: \"" + strings.ToUpper(fingerprint) + "\"", true},
		{"its authority", ", tls: verify", true},
	} {
		mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/site.yaml", `
facilities:
  - id: minami
    name: 南病院
    ae_titles: [MINAMI_CT]
    quiet: 1s
    destinations: [{name: PACS, to: "PACS@`+pacs.DICOMTLS+`", retrieve_only: true`+c.tls+`}]
`))
		out, err := output(t, "movescu", "-v", "-to", "10", "-td", "60", "-aet", "MINAMI_CT", "-aec", "DOKUEI", "-aem", "PACS", "127.0.0.1", s.port(t), "-S",
			"-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+uid)
		if works := strings.Contains(out, "Final Move Response (Success)"); works != c.works {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}
