package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// shapes are bodies whose types the handlers name: what a client builds on first. Of the
// others the description says what they hold.
var shapes = map[string]struct{ asked, answered any }{
	"POST /session":                    {asked: credentials{}},
	"GET /workitems/{id}":              {answered: workitemView{}},
	"GET /workitems/{id}/opening":      {answered: openingView{}},
	"POST /workitems/{id}/claim":       {answered: workitemView{}},
	"GET /workitems/{id}/annotations":  {answered: annotatingView{}},
	"PUT /workitems/{id}/annotations":  {asked: annotatingView{}},
	"GET /studies/{id}":                {answered: studyPage{}},
	"GET /studies/{id}/priors":         {answered: []*studyView{}},
	"GET /studies/{id}/annotations":    {answered: []annotatingView{}},
	"GET /instances/{id}/overlays":     {answered: []overlayView{}},
	"GET /instances/{id}/presentation": {answered: presentationView{}},
}

// docs/openapi.json describes every route of the JSON API, with the words of docs/API.md.
// OPENAPI=write makes it anew.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	words := apiWords(t)
	s := schemas{}
	paths := map[string]map[string]any{}
	for _, r := range (&server{}).routes() {
		if strings.HasPrefix(r.pattern, "/dicom-web") {
			continue // PS3.18 describes it
		}
		name := r.method + " " + r.pattern
		pattern := strings.ReplaceAll(r.pattern, "...}", "}")
		op := map[string]any{
			"operationId": operation(r.method, pattern),
			"x-right":     string(r.right),
			"responses": map[string]any{
				"2XX":     map[string]any{"description": "as described"},
				"default": map[string]any{"$ref": "#/components/responses/problem"},
			},
		}
		if d := words[name]; d != "" {
			op["description"] = d
		} else if d := words[r.pattern]; d != "" {
			op["description"] = d
		}
		if r.right == public {
			op["security"] = []any{}
		}
		var parameters []any
		for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(pattern, -1) {
			parameters = append(parameters, map[string]any{"name": m[1], "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
		}
		if parameters != nil {
			op["parameters"] = parameters
		}
		if sh := shapes[name]; sh.answered != nil {
			op["responses"].(map[string]any)["2XX"] = map[string]any{"description": "as described", "content": content(s.of(reflect.TypeOf(sh.answered)))}
		}
		if asked := shapes[name].asked; asked != nil {
			op["requestBody"] = map[string]any{"required": true, "content": content(s.of(reflect.TypeOf(asked)))}
		} else if r.method == "POST" || r.method == "PUT" {
			op["requestBody"] = map[string]any{"content": content(map[string]any{})}
		}
		if paths[pattern] == nil {
			paths[pattern] = map[string]any{}
		}
		paths[pattern][strings.ToLower(r.method)] = op
	}
	for name := range shapes {
		method, pattern, _ := strings.Cut(name, " ")
		if paths[pattern][strings.ToLower(method)] == nil {
			t.Errorf("%s is no route", name)
		}
	}
	doc := map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Dokuei", "version": "1",
			"description": "The JSON API of Dokuei. API.md says more; images, queries and storage for other viewers are DICOMweb (PS3.18).",
		},
		"servers":  []any{map[string]any{"url": "/api/v1"}},
		"security": []any{map[string]any{"session": []any{}}, map[string]any{"token": []any{}}},
		"paths":    paths,
		"components": map[string]any{
			"schemas": s,
			"securitySchemes": map[string]any{
				"session": map[string]any{"type": "apiKey", "in": "cookie", "name": sessionCookie},
				"token":   map[string]any{"type": "http", "scheme": "bearer"},
			},
			"responses": map[string]any{"problem": map[string]any{
				"description": "an error, with a stable code (RFC 9457)",
				"content": map[string]any{"application/problem+json": map[string]any{"schema": map[string]any{
					"type": "object", "required": []any{"code"},
					"properties": map[string]any{"type": map[string]any{"type": "string"}, "title": map[string]any{"type": "string"}, "status": map[string]any{"type": "integer"}, "detail": map[string]any{"type": "string"}, "code": map[string]any{"type": "string"}},
				}}},
			}},
		},
	}
	var made bytes.Buffer
	enc := json.NewEncoder(&made)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("..", "..", "docs", "openapi.json")
	if os.Getenv("OPENAPI") == "write" {
		if err := os.WriteFile(name, made.Bytes(), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(name); err != nil || !bytes.Equal(kept, made.Bytes()) {
		t.Errorf("docs/openapi.json is not what the routes are: OPENAPI=write go test ./viewer/api -run TestOpenAPI (%v)", err)
	}
}

// apiWords are the answers of docs/API.md by "METHOD /path", and by path where a row has
// several methods.
func apiWords(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "API.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	code := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		var methods []string
		for _, m := range code.FindAllStringSubmatch(cells[1], -1) {
			methods = append(methods, m[1])
		}
		said := strings.TrimSpace(cells[2]) + " — " + strings.TrimSpace(cells[3]) + ": " + strings.TrimSpace(strings.Join(cells[4:len(cells)-1], "|"))
		for _, p := range code.FindAllStringSubmatch(cells[2], -1) {
			path, _, _ := strings.Cut(p[1], "?")
			if !strings.HasPrefix(path, "/") {
				continue
			}
			if out[path] == "" {
				out[path] = said
			}
			for _, m := range methods {
				out[m+" "+path] = said
			}
		}
	}
	return out
}

func operation(method, pattern string) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(method))
	for _, part := range regexp.MustCompile(`[^A-Za-z0-9]+`).Split(pattern, -1) {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func content(schema map[string]any) map[string]any {
	return map[string]any{"application/json": map[string]any{"schema": schema}}
}

// schemas are those of structs, by name.
type schemas map[string]any

func (s schemas) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := s.of(t.Elem())
		if kind, ok := inner["type"].(string); ok {
			inner["type"] = []string{kind, "null"}
			return inner
		}
		return map[string]any{"anyOf": []any{inner, map[string]any{"type": "null"}}}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": []string{"array", "null"}, "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Struct:
		return s.object(t)
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

func (s schemas) object(t reflect.Type) map[string]any {
	name := strings.TrimSuffix(t.Name(), "View")
	if name == "" {
		return s.members(t)
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if s[name] == nil {
		s[name] = map[string]any{} // one may hold itself
		s[name] = s.members(t)
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

func (s schemas) members(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			m := s.members(inner)
			for k, v := range m["properties"].(map[string]any) {
				properties[k] = v
			}
			required = append(required, m["required"].([]string)...)
			continue
		}
		if name == "" {
			name = f.Name
		}
		properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return map[string]any{"type": "object", "properties": properties, "required": required}
}
