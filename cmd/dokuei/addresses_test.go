package main

import (
	"strings"
	"testing"
)

// A hospital that names its networks is called from there only, and the log says
// why somebody was sent away. A change counts from the next association on.
func TestAddresses(t *testing.T) {
	t.Parallel()
	with := func(networks string) string {
		return strings.Replace(network, "ae_titles: [MINAMI_CT],", "ae_titles: [MINAMI_CT], addresses: ["+networks+"],", 1)
	}
	s := serve(t, newData(t, with("192.0.2.0/24, 2001:db8::/32")))
	echo := func(ae string) error {
		_, err := output(t, "echoscu", "-to", "10", "-aet", ae, "-aec", "DOKUEI", "127.0.0.1", s.port(t))
		return err
	}
	if echo("MINAMI_CT") == nil {
		t.Error("let in from another address")
	}
	if err := echo("KITA_CT"); err != nil {
		t.Error("the other hospital asks for no address:", err)
	}
	s.logged(t, "come from other addresses")
	mustRun(t, "apply", "--data", s.Data, "-f", writeFile(t, t.TempDir()+"/here.yaml", with("127.0.0.1")))
	if err := echo("MINAMI_CT"); err != nil {
		t.Error("from its own address:", err)
	}
	if _, _, err := tryRun(t, "apply", "--data", s.Data, "-f", writeFile(t, t.TempDir()+"/wrong.yaml", with("192.0.2.1/24"))); err == nil {
		t.Error("a network with host bits")
	}
}
