package service

import (
	"context"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Get asks for a C-GET, PS3.7 9.1.3, of the class of a presentation context, and
// hands what comes to store, one instance after the other: its status is the answer
// to the C-STORE. They come on this association, in the contexts that were opened
// with SCPRole: see GetContexts. progress is called after each of them, too; errors and
// status are those of Move.
func (c *Client) Get(ctx context.Context, abstract string, identifier *dataset.Dataset, store StoreHandler, progress func(Moved) bool) (Moved, error) {
	r := &retrieving{client: c, progress: progress, store: store}
	return r.run(ctx, abstract, identifier, &dimse.CGetRQ{AffectedSOPClassUID: abstract, MessageID: c.next()})
}

// take answers a C-STORE that is part of a C-GET.
func (r *retrieving) take(ctx context.Context, in dimse.Incoming, m *dimse.CStoreRQ) error {
	status, comment := checkStored(in, m)
	if status == dimse.Success && !in.Context.PeerSCP { // the requestor, which is ours
		status, comment = dimse.SOPClassNotSupported, "role selection did not make us SCP of this class"
	}
	if status == dimse.Success {
		a := r.client.a
		status = r.store(ctx, StoreRequest{
			Association: a, SOPClassUID: m.AffectedSOPClassUID, SOPInstanceUID: m.AffectedSOPInstanceUID,
			TransferSyntaxUID: in.Context.TransferSyntax, Data: in.Data,
		})
	}
	if status.Stored() {
		r.kept++ // a peer may send without saying how far it is
		r.last.Completed = max(r.last.Completed, r.kept-r.last.Warning)
	}
	return answer(r.client.conn, in, m, status, comment)
}

// imageClasses are the SOP classes of images that GetContexts asks for. An association
// has 128 contexts (PS3.8 9.3.2.2), and each of these needs three.
var imageClasses = []string{
	uid.CTImageStorage, uid.EnhancedCTImageStorage, "1.2.840.10008.5.1.4.1.1.2.2", // and legacy converted
	uid.MRImageStorage, uid.EnhancedMRImageStorage, "1.2.840.10008.5.1.4.1.1.4.4", "1.2.840.10008.5.1.4.1.1.4.3", // and colour
	uid.ComputedRadiographyImageStorage, uid.DigitalXRayImageStorage,
	"1.2.840.10008.5.1.4.1.1.1.2", "1.2.840.10008.5.1.4.1.1.13.1.3", // mammography, tomosynthesis
	uid.UltrasoundImageStorage, uid.UltrasoundMultiFrameStorage,
	uid.PositronEmissionStorage, "1.2.840.10008.5.1.4.1.1.130", "1.2.840.10008.5.1.4.1.1.20", // enhanced, nuclear medicine
	"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2", // angiography, fluoroscopy
	"1.2.840.10008.5.1.4.1.1.12.1.1", "1.2.840.10008.5.1.4.1.1.13.1.1", // angiography enhanced and in three dimensions
	uid.SecondaryCaptureImageStorage,
	"1.2.840.10008.5.1.4.1.1.7.1", "1.2.840.10008.5.1.4.1.1.7.2", // multi-frame: bits, bytes
	"1.2.840.10008.5.1.4.1.1.7.3", "1.2.840.10008.5.1.4.1.1.7.4", // words, colour
	"1.2.840.10008.5.1.4.1.1.77.1.1", "1.2.840.10008.5.1.4.1.1.77.1.4", // endoscopy, photography
	"1.2.840.10008.5.1.4.1.1.77.1.5.1", "1.2.840.10008.5.1.4.1.1.77.1.5.4", "1.2.840.10008.5.1.4.1.1.1.3", // eyes, their tomography, teeth
	uid.SegmentationStorage,
}

// otherClasses are those of what belongs to images. They have no pixels and need one
// context.
var otherClasses = []string{
	uid.GrayscaleSoftcopyPresentation, "1.2.840.10008.5.1.4.1.1.11.2", "1.2.840.10008.5.1.4.1.1.11.3", "1.2.840.10008.5.1.4.1.1.11.4", // colour, pseudo-colour, blending
	uid.KeyObjectSelectionStorage,
	uid.BasicTextSRStorage, uid.EnhancedSRStorage, uid.ComprehensiveSRStorage, "1.2.840.10008.5.1.4.1.1.88.34", // and in three dimensions
	uid.XRayRadiationDoseSRStorage, "1.2.840.10008.5.1.4.1.1.88.68", // radiopharmaceutical
	"1.2.840.10008.5.1.4.1.1.88.50", "1.2.840.10008.5.1.4.1.1.88.65", "1.2.840.10008.5.1.4.1.1.88.69", // what computers have found: mammography, chest, colon
	uid.EncapsulatedPDFStorage, "1.2.840.10008.5.1.4.1.1.104.2", // and CDA
	"1.2.840.10008.5.1.4.1.1.66.1", "1.2.840.10008.5.1.4.1.1.67", // registration, real world values
	"1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.481.5", // RT structures and plan
	"1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.9.1.2", // ECG
}

// GetContexts are what a C-GET of a class, at either root, needs: its own context,
// and for the classes of images three each and of what belongs to them one, with the
// role of SCP. Those of C-FIND and C-MOVE fit beside them. Uncompressed goes first: an
// archive that picks the first it knows can send everything in it; those compressed
// without and with loss stand apart, so that one that does not transcode can send what
// it has.
func GetContexts(abstract string) (contexts []Context, roles []pdu.RoleSelection) {
	native := []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}
	contexts = []Context{{AbstractSyntax: abstract, TransferSyntaxes: native}}
	var exact, lossy []string
	for _, ts := range uid.TransferSyntaxes() {
		switch {
		case !ts.Encapsulated:
		case ts.Lossy:
			lossy = append(lossy, ts.UID)
		default:
			exact = append(exact, ts.UID)
		}
	}
	propose := func(classes []string, each ...[]string) {
		for _, class := range classes {
			for _, syntaxes := range each {
				contexts = append(contexts, Context{AbstractSyntax: class, TransferSyntaxes: syntaxes})
			}
			roles = append(roles, SCPRole(class))
		}
	}
	propose(imageClasses, native, exact, lossy)
	propose(otherClasses, native)
	return contexts, roles
}
