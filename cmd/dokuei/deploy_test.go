package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Alerts and dashboard ask for metrics that exist, under the names they have.
func TestDeployedMetricsExist(t *testing.T) {
	t.Parallel()
	cert, key, _ := newAuthority(t, "ours").issue(t, "dokuei")
	s := serve(t, newData(t, network), "--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key)
	dir, _ := slices(t, 1)
	s.send(t, "MINAMI_CT", dir)
	var raw []byte
	eventually(t, "the figures are gathered", func() bool {
		_, raw, _ = s.visitor(t).raw("GET", s.HTTP+"/metrics", nil)
		return strings.Contains(string(raw), "\ndokuei_reads_month ")
	})
	have := map[string]bool{
		"dokuei_store_refused_total": true, // appears with the first refusal
		"dokuei_http_limited_total":  true,

		"dokuei_objects_errors_total": true,
		// Of a bucket: TestObjectStoreMisbehaves sees them.
		"dokuei_objects_retries_total": true, "dokuei_objects_waiting": true,
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(string(raw), -1) {
		have[m[1]] = true
		if m[2] == "histogram" {
			have[m[1]+"_bucket"], have[m[1]+"_count"], have[m[1]+"_sum"] = true, true, true
		}
	}
	name := regexp.MustCompile(`\b(dokuei|process|go)_[a-z_]+`)
	for _, file := range []string{"prometheus/alerts.yaml", "grafana/dokuei.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
		if err != nil {
			t.Fatal(err)
		}
		found := name.FindAllString(string(text), -1)
		if len(found) < 10 {
			t.Errorf("%s names %d metrics", file, len(found))
		}
		for _, n := range found {
			if !have[n] {
				t.Errorf("%s asks for %s, which the service does not have", file, n)
			}
		}
	}
	for _, line := range []string{"dokuei_studies_receiving", "dokuei_workitems_open", "dokuei_workitems_oldest_seconds", `dokuei_workitems_queue{priority="STAT",state="IN PROGRESS"} 0`, "dokuei_reads_month 0", "dokuei_reads_next_clinical_day_ratio 1", `dokuei_turnaround_seconds{priority="STAT",quantile="0.95"} 0`, "dokuei_deliveries_failed 0", "dokuei_objects_free_bytes"} {
		if !strings.Contains(string(raw), "\n"+line) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

// Each alert comes when it should, as Prometheus itself counts: alerts_test.yaml has the
// series and what is to ring.
func TestAlerts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "deploy", "prometheus")
	for _, args := range [][]string{
		{"check", "rules", "--lint-fatal", filepath.Join(dir, "alerts.yaml")},
		{"check", "config", "--syntax-only", filepath.Join(dir, "scrape.yaml")},
		{"test", "rules", filepath.Join(dir, "alerts_test.yaml")},
	} {
		if out, err := output(t, "promtool", args...); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	rules, err := os.ReadFile(filepath.Join(dir, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile(filepath.Join(dir, "alerts_test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		if !regexp.MustCompile(`alertname: ` + m[1] + `\b`).Match(tests) {
			t.Errorf("%s is not tested", m[1])
		}
	}
}

// The files can at least be read by what they are for.
func TestDeployFilesParse(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "deploy")
	for _, file := range []string{"prometheus/alerts.yaml", "prometheus/scrape.yaml", "compose/compose.yaml", "kubernetes/dokuei.yaml"} {
		raw, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(raw), "\n---\n") {
			var v map[string]any
			if err := yaml.Unmarshal([]byte(part), &v); err != nil || len(v) == 0 {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(root, "grafana/dokuei.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Error(err)
	}
}
