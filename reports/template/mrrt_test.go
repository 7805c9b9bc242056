package template_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/template"
)

// bySection is the order in which a file has the items.
func bySection(items []template.Item) []template.Item {
	order := map[string]int{"history": 0, "technique": 1, "comparison": 2, "findings": 3, "": 3, "impression": 4, "recommendation": 5}
	out := slices.Clone(items)
	slices.SortStableFunc(out, func(a, b template.Item) int { return order[a.Section] - order[b.Section] })
	return out
}

func TestMRRTThereAndBack(t *testing.T) {
	t.Parallel()
	all, err := template.All("")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range all {
		var b bytes.Buffer
		if err := template.WriteMRRT(&b, &want); err != nil {
			t.Fatal(err)
		}
		got, err := template.ParseMRRT(b.Bytes(), "ja")
		if err != nil {
			t.Fatalf("%s.%s: %v", want.ID, want.Language, err)
		}
		if got.Name != want.Name || got.Language != want.Language || got.Modality != want.Modality || !slices.Equal(got.BodyPart, want.BodyPart) || got.Sections != want.Sections {
			t.Errorf("%s.%s: head or text differ:\n%+v\n%+v", want.ID, want.Language, got.Sections, want.Sections)
		}
		for n, w := range bySection(want.Items) {
			if n >= len(got.Items) {
				t.Fatalf("%s.%s: %d items came back of %d", want.ID, want.Language, len(got.Items), len(want.Items))
			}
			if !reflect.DeepEqual(got.Items[n], w) {
				t.Errorf("%s.%s:\n%+v\n%+v", want.ID, want.Language, got.Items[n], w)
			}
		}
	}
}

// A file as editors of the profile write them, with what must not come in.
const foreign = `<!DOCTYPE html><html><head><title>CT Brain</title><meta charset="UTF-8">
<meta name="dcterms.language" content="en-US"><meta name="dcterms.title" content="CT Brain">
<script type="text/xml"><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><template_attributes><status>ACTIVE</status><coded_content>
<entry ORIGTXT="n1"><term type="part_of"><code meaning="&e;" value="RID1" scheme="RADLEX"/></term></entry>
<entry ORIGTXT="s1"><term><code meaning="ventricle of brain" value="RID6453" scheme="RADLEX"/></term></entry>
<entry ORIGTXT="c1_1"><term><code meaning="fluid" value="12345678901234567" scheme="RADLEX"/></term></entry></coded_content></template_attributes></script><style>p{color:red}</style></head>
<body onload="alert(1)"><script>steal()</script><img src="http://tracker.example/x.png">
<section id="procedureInformation" class="level1" data-section-name="Procedure Information"><header class="level1">Procedure Information</header>
<p><label for="t1">Technique:</label><textarea id="t1" data-field-type="TEXTAREA">Axial images without contrast.</textarea></p></section>
<section id="findings" class="level1" data-section-name="Findings"><header>Findings</header>
<p><label for="s1">Ventricles:</label><select id="s1" data-field-type="SELECTION_LIST"><option value="normal" selected>normal</option><option value="{x}enlarged">{x}enlarged</option></select></p>
<p><label for="n1">Shift</label> <input type="number" id="n1" min="0" max="30" data-field-type="NUMBER" data-field-units="mm"> mm</p>
<p><label for="c1">Sinuses</label><span id="c1" data-field-type="CHECKBOX"><input type="checkbox" id="c1_0" value="mucosal thickening">mucosal thickening<input type="checkbox" id="c1_1" value="fluid"></span></p>
<p><a href="javascript:alert(1)">The calvarium is intact.</a></p></section>
<section data-section-name="Impression"><p><textarea id="i1"></textarea></p></section></body></html>`

func TestMRRTOfOthers(t *testing.T) {
	t.Parallel()
	got, err := template.ParseMRRT([]byte(foreign), "ja")
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "CT Brain" || got.Language != "en" || got.Sections.Technique != "Axial images without contrast." || got.Sections.Findings != "The calvarium is intact." {
		t.Errorf("%+v", got.Sections)
	}
	if len(got.Items) != 3 {
		t.Fatalf("%d items: %+v", len(got.Items), got.Items)
	}
	v, n, c := got.Items[0], got.Items[1], got.Items[2]
	if v.Label != "Ventricles" || v.Kind != template.Choice || v.Options[0].Text != "Ventricles: normal" || v.Options[1].Text != "Ventricles: (x)enlarged" || v.Normal != "" {
		t.Errorf("%+v", v)
	}
	if n.Kind != template.Number || n.Unit != "mm" || *n.Max != 30 || n.Text != "Shift: {value} mm" {
		t.Errorf("%+v", n)
	}
	if v.Code == nil || *v.Code != (template.Concept{Value: "RID6453", Scheme: "RADLEX", Meaning: "ventricle of brain"}) || c.Options[1].Code != nil {
		t.Errorf("codes: %+v, %+v", v.Code, c.Options[1].Code) // the last is longer than a Code Value may be
	}
	if n.Code == nil || n.Code.Meaning != "&e;" {
		t.Errorf("an entity was followed: %+v", n.Code)
	}
	if c.Kind != template.Many || len(c.Options) != 2 || c.Text != "Sinuses: {value}" {
		t.Errorf("%+v", c)
	}
	for _, word := range []string{"steal", "alert", "tracker", "color"} {
		if strings.Contains(strings.ToLower(strings.Join([]string{got.Sections.Findings, got.Sections.Technique, got.Name}, " ")), word) {
			t.Errorf("%q came in", word)
		}
	}
}

func TestMRRTRefusals(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"nothing":     "",
		"no template": "<html><head><title>x</title></head><body></body></html>",
		"no UTF-8":    "<title>\xff</title>",
		"too large":   strings.Repeat(" ", template.MaxMRRT+1),
		"too many":    "<title>x</title>" + strings.Repeat(`<select name=a><option value=b>b</option></select>`, template.MaxItems+10),
	} {
		if _, err := template.ParseMRRT([]byte(file), "ja"); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzParseMRRT(f *testing.F) {
	f.Add([]byte(foreign))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := template.ParseMRRT(file, "ja")
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := template.WriteMRRT(&b, &got); err != nil {
			t.Fatal(err)
		}
		again, err := template.ParseMRRT(b.Bytes(), "ja")
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if len(again.Items) != len(got.Items) {
			t.Errorf("%d items of %d", len(again.Items), len(got.Items))
		}
	})
}
