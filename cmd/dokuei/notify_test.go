package main

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// A hospital's system that asked for it is told that a study is complete, while
// another that it named is not there.
func TestInstanceAvailability(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan service.NormalizedRequest, 8)
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.InstanceAvailabilityNotification: {Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
			told <- r
			return service.NormalizedResponse{Status: dimse.Success}
		}}},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "MINAMI_RIS"}, Grace: time.Second, Policy: func(_ context.Context, r ul.Request) ul.Decision {
			return ul.Decision{Accept: r.CallingAE == "DOKUEI" && r.CalledAE == "MINAMI_RIS", Reject: ul.RejectCalledAE}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- scp.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})

	to := l.Addr().String()
	site := strings.Replace(network, "ae_titles: [MINAMI_CT],", `ae_titles: [MINAMI_CT], destinations: [{name: absent, to: "OTHER@`+to+`", retrieve_only: true, notify: ian},
    {name: ris, to: "MINAMI_RIS@`+to+`", retrieve_only: true, notify: ian}],`, 1)
	s := serve(t, newData(t, site))
	dir, study := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	var r service.NormalizedRequest
	select {
	case r = <-told:
	case <-time.After(patience):
		t.Fatal("nothing was told")
	}
	series := r.Data.Items(tag.ReferencedSeriesSequence)
	if r.Command != dimse.FieldNCreateRQ || r.Data.String(tag.StudyInstanceUID) != study || len(series) != 1 || len(series[0].Items(tag.ReferencedSOPSequence)) != 3 {
		t.Errorf("%v", r.Data)
	}
	if one := series[0].Items(tag.ReferencedSOPSequence)[0]; one.String(tag.InstanceAvailability) != "ONLINE" || one.String(tag.RetrieveAETitle) != "DOKUEI" {
		t.Errorf("%v", one)
	}
	eventually(t, "the log names the one that was not told", func() bool {
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, "not told yet") && strings.Contains(line, "destination=absent") {
				return true
			}
		}
		return false
	})
}
