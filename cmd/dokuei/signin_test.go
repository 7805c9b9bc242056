package main

import "testing"

func TestSecondFactorSetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setting, public, addr, want string }{
		{"auto", "", "127.0.0.1:8080", "chosen"},
		{"auto", "", "localhost:8080", "chosen"},
		{"auto", "https://dokuei.example", "127.0.0.1:8080", "staff"},
		{"auto", "", "0.0.0.0:8080", "staff"},
		{"auto", "", ":8080", "staff"},
		{"chosen", "https://dokuei.example", ":8080", "chosen"},
		{"all", "", "127.0.0.1:8080", "all"},
	} {
		if got := (signIn{SecondFactor: c.setting, PublicURL: c.public}).secondFactor(c.addr); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
