package uid

import (
	"slices"
	"sync"
)

// SOPClass is one row of PS3.6 Table A-1.
type SOPClass struct {
	UID, Name string
	Retired   bool
}

// SOP classes the product names itself.
const (
	Verification                  = "1.2.840.10008.1.1"
	MediaStorageDirectory         = "1.2.840.10008.1.3.10"
	StorageCommitmentPush         = "1.2.840.10008.1.20.1"
	StorageCommitmentPushInstance = "1.2.840.10008.1.20.1.1"

	ComputedRadiographyImageStorage = "1.2.840.10008.5.1.4.1.1.1"
	DigitalXRayImageStorage         = "1.2.840.10008.5.1.4.1.1.1.1"
	CTImageStorage                  = "1.2.840.10008.5.1.4.1.1.2"
	EnhancedCTImageStorage          = "1.2.840.10008.5.1.4.1.1.2.1"
	UltrasoundMultiFrameStorage     = "1.2.840.10008.5.1.4.1.1.3.1"
	MRImageStorage                  = "1.2.840.10008.5.1.4.1.1.4"
	EnhancedMRImageStorage          = "1.2.840.10008.5.1.4.1.1.4.1"
	UltrasoundImageStorage          = "1.2.840.10008.5.1.4.1.1.6.1"
	SecondaryCaptureImageStorage    = "1.2.840.10008.5.1.4.1.1.7"
	GrayscaleSoftcopyPresentation   = "1.2.840.10008.5.1.4.1.1.11.1"
	SegmentationStorage             = "1.2.840.10008.5.1.4.1.1.66.4"
	BasicTextSRStorage              = "1.2.840.10008.5.1.4.1.1.88.11"
	EnhancedSRStorage               = "1.2.840.10008.5.1.4.1.1.88.22"
	ComprehensiveSRStorage          = "1.2.840.10008.5.1.4.1.1.88.33"
	KeyObjectSelectionStorage       = "1.2.840.10008.5.1.4.1.1.88.59"
	XRayRadiationDoseSRStorage      = "1.2.840.10008.5.1.4.1.1.88.67"
	EncapsulatedPDFStorage          = "1.2.840.10008.5.1.4.1.1.104.1"
	EncapsulatedCDAStorage          = "1.2.840.10008.5.1.4.1.1.104.2"
	PositronEmissionStorage         = "1.2.840.10008.5.1.4.1.1.128"

	PatientRootFind                  = "1.2.840.10008.5.1.4.1.2.1.1"
	PatientRootMove                  = "1.2.840.10008.5.1.4.1.2.1.2"
	PatientRootGet                   = "1.2.840.10008.5.1.4.1.2.1.3"
	StudyRootFind                    = "1.2.840.10008.5.1.4.1.2.2.1"
	StudyRootMove                    = "1.2.840.10008.5.1.4.1.2.2.2"
	StudyRootGet                     = "1.2.840.10008.5.1.4.1.2.2.3"
	ModalityWorklistFind             = "1.2.840.10008.5.1.4.31"
	ModalityPerformedProcedureStep   = "1.2.840.10008.3.1.2.3.3"
	InstanceAvailabilityNotification = "1.2.840.10008.5.1.4.33"
	UPSPush                          = "1.2.840.10008.5.1.4.34.6.1"
	UPSWatch                         = "1.2.840.10008.5.1.4.34.6.2"
	UPSPull                          = "1.2.840.10008.5.1.4.34.6.3"
	UPSEvent                         = "1.2.840.10008.5.1.4.34.6.4"
	UPSQuery                         = "1.2.840.10008.5.1.4.34.6.5"
	UPSGlobalSubscription            = "1.2.840.10008.5.1.4.34.5"
	UPSFilteredGlobalSubscription    = "1.2.840.10008.5.1.4.34.5.1"
)

// classes indexes both tables on first use.
var classes = sync.OnceValue(func() map[string]SOPClass {
	m := make(map[string]SOPClass, len(storageClasses)+len(serviceClasses))
	for _, c := range serviceClasses {
		m[c.UID] = c
	}
	for _, c := range storageClasses {
		m[c.UID] = c
	}
	return m
})

// storageSet answers IsStorage.
var storageSet = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, len(storageClasses))
	for _, c := range storageClasses {
		m[c.UID] = true
	}
	return m
})

// StorageSOPClasses returns every storage SOP class in order of UID.
func StorageSOPClasses() []SOPClass { return slices.Clone(storageClasses) }

// ServiceSOPClasses are the other SOP classes of PS3.6 Table A-1, with the
// well-known SOP instances.
func ServiceSOPClasses() []SOPClass { return slices.Clone(serviceClasses) }

// IsStorage reports whether u names a known storage SOP class.
func IsStorage(u string) bool { return storageSet()[u] }

// LookupSOPClass finds a SOP class of any service.
func LookupSOPClass(u string) (SOPClass, bool) {
	c, ok := classes()[u]
	return c, ok
}

// Name returns the name PS3.6 gives to a transfer syntax, a SOP class or a
// well-known instance, or the UID itself when it is not registered.
func Name(u string) string {
	if ts, ok := LookupTransferSyntax(u); ok {
		return ts.Name
	}
	if c, ok := LookupSOPClass(u); ok {
		return c.Name
	}
	return u
}
