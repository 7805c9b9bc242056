package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	stdslices "slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/dokuei/dokuei/storage/object/s3object"
)

// The part of the schemas of Kubernetes and Compose that the manifests use: a key that
// is not here is a misprint.
type (
	meta struct {
		Name      string
		Namespace string
		Labels    map[string]string
	}
	labels struct {
		MatchLabels map[string]string `yaml:"matchLabels"`
	}
	probe struct {
		HTTPGet struct {
			Path string
			Port string
		} `yaml:"httpGet"`
		PeriodSeconds    int `yaml:"periodSeconds"`
		FailureThreshold int `yaml:"failureThreshold"`
	}
	container struct {
		Name, Image string
		Args        []string
		EnvFrom     []struct {
			SecretRef meta `yaml:"secretRef"`
		} `yaml:"envFrom"`
		Ports []struct {
			Name          string
			ContainerPort int `yaml:"containerPort"`
		}
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
		StartupProbe   probe `yaml:"startupProbe"`
		ReadinessProbe probe `yaml:"readinessProbe"`
		LivenessProbe  probe `yaml:"livenessProbe"`
		Lifecycle      struct {
			PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
		}
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	manifest struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		StringData map[string]string `yaml:"stringData"`
		Spec       struct {
			ServiceName         string `yaml:"serviceName"`
			Replicas            int
			MaxUnavailable      int    `yaml:"maxUnavailable"`
			PodManagementPolicy string `yaml:"podManagementPolicy"`
			Selector            yaml.Node
			Template            struct {
				Metadata meta
				Spec     struct {
					TerminationGracePeriodSeconds int   `yaml:"terminationGracePeriodSeconds"`
					AutomountServiceAccountToken  *bool `yaml:"automountServiceAccountToken"`
					TopologySpreadConstraints     []struct {
						MaxSkew           int    `yaml:"maxSkew"`
						TopologyKey       string `yaml:"topologyKey"`
						WhenUnsatisfiable string `yaml:"whenUnsatisfiable"`
						LabelSelector     labels `yaml:"labelSelector"`
					} `yaml:"topologySpreadConstraints"`
					SecurityContext struct {
						RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
						RunAsUser      int                   `yaml:"runAsUser"`
						FSGroup        int                   `yaml:"fsGroup"`
						SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
					} `yaml:"securityContext"`
					Containers []container
					Volumes    []struct {
						Name     string
						EmptyDir map[string]string `yaml:"emptyDir"`
					}
				}
			}
			VolumeClaimTemplates []struct {
				Metadata meta
				Spec     struct {
					AccessModes []string `yaml:"accessModes"`
					Resources   struct{ Requests map[string]string }
				}
			} `yaml:"volumeClaimTemplates"`
			Ports []struct {
				Name       string
				Port       int
				TargetPort string `yaml:"targetPort"`
			}
			Type                  string
			ExternalTrafficPolicy string `yaml:"externalTrafficPolicy"`
		}
	}
	compose struct {
		Services map[string]struct {
			Image, Restart  string
			Build           struct{ Context, Dockerfile string }
			Environment     map[string]string
			Command         []string
			Volumes         []string
			Ports           []string
			ReadOnly        bool `yaml:"read_only"`
			Tmpfs           []string
			CapDrop         []string                              `yaml:"cap_drop"`
			SecurityOpt     []string                              `yaml:"security_opt"`
			StopGracePeriod string                                `yaml:"stop_grace_period"`
			DependsOn       map[string]struct{ Condition string } `yaml:"depends_on"`
			Healthcheck     struct {
				Test     []string
				Interval string
				Retries  int
			}
		}
		Volumes map[string]map[string]string
	}
)

// strict reads every document of a file of deploy/ and refuses keys that T has not.
func strict[T any](t *testing.T, file string) (list []T) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	for {
		var v T
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, v)
	}
}

// knownSettings checks what a manifest sets: the program knows every name, and the addresses
// can be read.
func knownSettings(t *testing.T, from string, env map[string]string) {
	t.Helper()
	cmd := program(t, "version")
	for k := range maps.Keys(env) {
		cmd.Env = append(cmd.Env, k+"=1")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", from, err, out)
	}
	if url := env["DOKUEI_OBJECTS"]; url != "" {
		if _, err := s3object.ParseURL(url); err != nil {
			t.Errorf("%s: %v", from, err)
		}
	}
}

func TestKubernetesManifest(t *testing.T) {
	t.Parallel()
	byKind := map[string][]manifest{}
	versions := map[string]string{"Namespace": "v1", "Secret": "v1", "Service": "v1", "StatefulSet": "apps/v1", "PodDisruptionBudget": "policy/v1"}
	for _, m := range strict[manifest](t, "kubernetes/dokuei.yaml") {
		byKind[m.Kind] = append(byKind[m.Kind], m)
		if m.APIVersion != versions[m.Kind] || m.Metadata.Name == "" || m.Kind != "Namespace" && m.Metadata.Namespace != "dokuei" {
			t.Errorf("%s %+v", m.Kind, m.Metadata)
		}
	}
	if len(byKind["Secret"]) != 1 || len(byKind["StatefulSet"]) != 1 || len(byKind["Service"]) != 2 {
		t.Fatalf("%v", stdslices.Sorted(maps.Keys(byKind)))
	}
	knownSettings(t, "Secret", byKind["Secret"][0].StringData)
	set := byKind["StatefulSet"][0].Spec
	pod, c := set.Template.Spec, set.Template.Spec.Containers[0]
	if pod.TerminationGracePeriodSeconds <= c.Lifecycle.PreStop.Sleep.Seconds+int(stopGrace.Seconds()) {
		t.Errorf("the pod is killed after %d s, the program takes up to %v to end", pod.TerminationGracePeriodSeconds, stopGrace)
	}
	if s := c.StartupProbe; s.HTTPGet.Path != "/healthz" || s.PeriodSeconds*s.FailureThreshold <= 3600 {
		t.Errorf("a pod that brings the schema forward is killed in the middle: %+v", s)
	}
	budget := byKind["PodDisruptionBudget"]
	if len(budget) != 1 || budget[0].Spec.MaxUnavailable != 1 || budget[0].Spec.MaxUnavailable >= set.Replicas {
		t.Fatalf("%+v", budget)
	}
	for _, of := range []yaml.Node{budget[0].Spec.Selector, set.Selector} {
		var l labels
		if err := of.Decode(&l); err != nil || !maps.Equal(l.MatchLabels, set.Template.Metadata.Labels) {
			t.Errorf("%v is selected, pods are %v", l, set.Template.Metadata.Labels)
		}
	}
	if a := pod.AutomountServiceAccountToken; a == nil || *a || len(pod.TopologySpreadConstraints) != 1 || !maps.Equal(pod.TopologySpreadConstraints[0].LabelSelector.MatchLabels, set.Template.Metadata.Labels) {
		t.Errorf("%+v", pod)
	}
	if !pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.FSGroup != pod.SecurityContext.RunAsUser || c.SecurityContext.AllowPrivilegeEscalation == nil ||
		*c.SecurityContext.AllowPrivilegeEscalation || !c.SecurityContext.ReadOnlyRootFilesystem || !stdslices.Contains(c.SecurityContext.Capabilities.Drop, "ALL") {
		t.Errorf("privileges: %+v %+v", pod.SecurityContext, c.SecurityContext)
	}
	if c.EnvFrom[0].SecretRef.Name != byKind["Secret"][0].Metadata.Name || set.ServiceName != byKind["Service"][0].Metadata.Name {
		t.Error("a secret or service that is not there")
	}
	if c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.LivenessProbe.HTTPGet.Path != "/healthz" {
		t.Error("probes ask for what the service does not answer")
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range set.VolumeClaimTemplates {
		volumes[v.Metadata.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("there is no volume %s", m.Name)
		}
	}
	ports := map[string]int{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for _, s := range byKind["Service"] {
		var selector map[string]string
		if err := s.Spec.Selector.Decode(&selector); err != nil || !maps.Equal(selector, set.Template.Metadata.Labels) {
			t.Errorf("service %s selects %v, pods are %v", s.Metadata.Name, selector, set.Template.Metadata.Labels)
		}
		for _, p := range s.Spec.Ports {
			if ports[p.TargetPort] != p.Port {
				t.Errorf("service %s: %+v of %v", s.Metadata.Name, p, ports)
			}
		}
	}
	if ports["dicom"] != 11112 || ports["http"] != 8080 {
		t.Errorf("ports %v", ports)
	}
}

func TestComposeFile(t *testing.T) {
	t.Parallel()
	file := strict[compose](t, "compose/compose.yaml")[0]
	example, err := os.ReadFile(filepath.Join("..", "..", "deploy", "compose", "environment.example"))
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`\$\{(\w+)`)
	for name, s := range file.Services {
		for of := range s.DependsOn {
			if _, ok := file.Services[of]; !ok {
				t.Errorf("%s depends on %s, which is not there", name, of)
			}
		}
		for _, v := range s.Volumes {
			if volume, _, _ := strings.Cut(v, ":"); file.Volumes[volume] == nil {
				t.Errorf("%s: there is no volume %s", name, volume)
			}
		}
		for k, v := range s.Environment {
			for _, m := range used.FindAllStringSubmatch(v, -1) {
				if !strings.Contains(string(example), "\n"+m[1]+"=") {
					t.Errorf("%s: %s needs %s, which environment.example does not name", name, k, m[1])
				}
			}
		}
		if (s.Image == "") == (s.Build.Context == "") {
			t.Errorf("%s has an image and a build, or neither", name)
		}
	}
	ours := file.Services["dokuei"]
	knownSettings(t, "compose", ours.Environment)
	if _, err := os.Stat(filepath.Join("..", "..", "deploy", "compose", ours.Build.Context, ours.Build.Dockerfile)); err != nil {
		t.Error(err)
	}
	if grace, err := time.ParseDuration(ours.StopGracePeriod); err != nil || grace <= stopGrace || !ours.ReadOnly || !stdslices.Contains(ours.CapDrop, "ALL") {
		t.Errorf("killed after %v, %v; privileges %+v", grace, err, ours)
	}
	if !stdslices.ContainsFunc(ours.Ports, func(p string) bool { return strings.HasSuffix(p, ":11112") }) {
		t.Errorf("ports %v", ours.Ports)
	}
}
