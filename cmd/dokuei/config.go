package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// settings is the YAML file named by --config: flag name → value. As a kong
// resolver it is the weakest of the three sources.
type settings struct {
	path   string
	values map[string]yaml.Node
	env    map[string]bool // environment variables that are set, and so win
}

// configFile finds --config before the command line is parsed, since the file
// itself supplies flags, and reads it. Without one the settings are empty.
func configFile(args, environ []string) (*settings, error) {
	s := &settings{env: map[string]bool{}}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		s.env[name] = true
		if name == "DOKUEI_CONFIG" {
			s.path = value
		}
	}
	for i, a := range args {
		if a == "--" {
			break
		}
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			s.path = v
		} else if a == "--config" && i+1 < len(args) {
			s.path = args[i+1]
		}
	}
	if s.path == "" {
		return s, nil
	}
	raw, err := os.ReadFile(s.path)
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	if err := yaml.Unmarshal(raw, &s.values); err != nil {
		return nil, fmt.Errorf("configuration file %s: %w", s.path, err)
	}
	return s, nil
}

// Validate refuses keys that no command has, naming their lines.
func (s *settings) Validate(app *kong.Application) error {
	known := flagNames(app.Node)
	var problems []error
	for key, node := range s.values {
		if !known[key] {
			problems = append(problems, fmt.Errorf("%s:%d: unknown key %q; `dokuei serve --help` lists the known ones", s.path, node.Line, key))
		}
	}
	return errors.Join(problems...)
}

// Resolve gives the file's value for a flag that neither the command line nor
// the environment has set.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, e := range flag.Envs {
		if s.env[e] {
			return nil, nil
		}
	}
	node, ok := s.values[flag.Name]
	if !ok {
		return nil, nil
	}
	var v any
	if err := node.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", s.path, node.Line, err)
	}
	if _, isString := v.(string); !isString && node.Kind == yaml.ScalarNode {
		return node.Value, nil // numbers and booleans as written; the flag parses them
	}
	return v, nil
}

func flagNames(n *kong.Node) map[string]bool {
	names := map[string]bool{}
	for _, f := range n.Flags {
		names[f.Name] = true
	}
	for _, child := range n.Children {
		for name := range flagNames(child) {
			names[name] = true
		}
	}
	return names
}

// knownEnvironment refuses a DOKUEI_ variable that no flag reads: a typing
// error there would otherwise silently run with the default.
func knownEnvironment(app *kong.Application, environ []string) error {
	known := map[string]bool{}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, e := range f.Envs {
				known[e] = true
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(app.Node)
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "DOKUEI_") && !known[name] {
			return fmt.Errorf("unknown environment variable %s; `dokuei serve --help` lists the known ones", name)
		}
	}
	return nil
}
