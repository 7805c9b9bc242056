package uid_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/dicom/uid"
)

func TestValid(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"1.2.840.10008.1.1": true, "2.25.0": true, "1.02.3": true, "0.0": true,
		strings.Repeat("1.", 31) + "12": true, strings.Repeat("1.", 32) + "1": false,
		"": false, "1": false, "1.": false, ".1": false, "1..2": false, "1.2.": false, "1.2a": false,
		"1.2/3": false, "../1.2": false, "1.2\x00": false, " 1.2": false, "1.２": false, "1.2\n": false, "1,2": false,
	} {
		if uid.Valid(s) != want {
			t.Errorf("Valid(%q) = %v", s, !want)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		u := uid.New()
		if !uid.Valid(u) || !strings.HasPrefix(u, "2.25.") || seen[u] {
			t.Fatal(u)
		}
		seen[u] = true
	}
	if !uid.Valid(uid.ImplementationClassUID) || len(uid.ImplementationVersionName) > 16 {
		t.Error("implementation identification (PS3.7 D.3.3.2)")
	}
}

func TestFromName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ns, name := rapid.String().Draw(t, "ns"), rapid.String().Draw(t, "name")
		u := uid.FromName(ns, name)
		if !uid.Valid(u) || u != uid.FromName(ns, name) {
			t.Fatal(u)
		}
		if u == uid.FromName(ns, name+"x") || u == uid.FromName(ns+"x", name) {
			t.Fatal("two names, one UID")
		}
	})
	if uid.FromName("a", "bc") == uid.FromName("ab", "c") {
		t.Error("namespace and name run together")
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, ts := range uid.TransferSyntaxes() {
		if !uid.Valid(ts.UID) || seen[ts.UID] || ts.Name == "" {
			t.Errorf("%+v", ts)
		}
		seen[ts.UID] = true
		if ts.Encapsulated && !ts.ExplicitVR {
			t.Errorf("%s: PS3.5 A.4 has explicit VR", ts.UID)
		}
		if got, ok := uid.LookupTransferSyntax(ts.UID); !ok || got != ts {
			t.Errorf("%s is not found", ts.UID)
		}
	}
	for _, u := range []string{
		uid.ImplicitVRLittleEndian, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.66", "1.2.840.10008.1.2.4.95",
		"1.2.840.10008.1.2.4.106.1", "1.2.840.10008.1.2.4.108", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.4.205", "1.2.840.10008.1.2.7.3", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98",
	} {
		if !seen[u] {
			t.Errorf("no %s", u)
		}
	}
	if _, ok := uid.LookupTransferSyntax("1.2.840.113619.5.2"); ok {
		t.Error("a private syntax is registered")
	}
	storage := map[string]bool{}
	for _, c := range uid.StorageSOPClasses() {
		if !uid.Valid(c.UID) || storage[c.UID] || c.Name == "" || !uid.IsStorage(c.UID) {
			t.Errorf("%+v", c)
		}
		storage[c.UID] = true
	}
	if len(storage) < 190 {
		t.Errorf("%d storage classes", len(storage))
	}
	for _, u := range []string{uid.CTImageStorage, uid.MRImageStorage, uid.BasicTextSRStorage, uid.EncapsulatedPDFStorage, uid.KeyObjectSelectionStorage, uid.EnhancedMRImageStorage, uid.SegmentationStorage} {
		if !storage[u] {
			t.Errorf("%s is no storage class", u)
		}
	}
	if uid.IsStorage(uid.Verification) || uid.IsStorage(uid.StudyRootFind) || uid.IsStorage(uid.MediaStorageDirectory) {
		t.Error("a service class is a storage class")
	}
}

func ExampleName() {
	fmt.Println(uid.Name(uid.CTImageStorage))
	fmt.Println(uid.Name(uid.JPEG2000Lossless))
	fmt.Println(uid.Name("1.2.3"))
	// Output:
	// CT Image Storage
	// JPEG 2000 Image Compression (Lossless Only)
	// 1.2.3
}
