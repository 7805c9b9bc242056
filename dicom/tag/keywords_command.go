// Code generated from the data dictionary (PS3.6 §6, PS3.7 Annex E). DO NOT EDIT.

package tag

// Group 0000.
const (
	CommandGroupLength                   Tag = 0x00000000
	AffectedSOPClassUID                  Tag = 0x00000002
	RequestedSOPClassUID                 Tag = 0x00000003
	CommandField                         Tag = 0x00000100
	MessageID                            Tag = 0x00000110
	MessageIDBeingRespondedTo            Tag = 0x00000120
	MoveDestination                      Tag = 0x00000600
	Priority                             Tag = 0x00000700
	CommandDataSetType                   Tag = 0x00000800
	Status                               Tag = 0x00000900
	OffendingElement                     Tag = 0x00000901
	ErrorComment                         Tag = 0x00000902
	ErrorID                              Tag = 0x00000903
	AffectedSOPInstanceUID               Tag = 0x00001000
	RequestedSOPInstanceUID              Tag = 0x00001001
	EventTypeID                          Tag = 0x00001002
	AttributeIdentifierList              Tag = 0x00001005
	ActionTypeID                         Tag = 0x00001008
	NumberOfRemainingSuboperations       Tag = 0x00001020
	NumberOfCompletedSuboperations       Tag = 0x00001021
	NumberOfFailedSuboperations          Tag = 0x00001022
	NumberOfWarningSuboperations         Tag = 0x00001023
	MoveOriginatorApplicationEntityTitle Tag = 0x00001030
	MoveOriginatorMessageID              Tag = 0x00001031
)

// Group 0002.
const (
	FileMetaInformationGroupLength  Tag = 0x00020000
	FileMetaInformationVersion      Tag = 0x00020001
	MediaStorageSOPClassUID         Tag = 0x00020002
	MediaStorageSOPInstanceUID      Tag = 0x00020003
	TransferSyntaxUID               Tag = 0x00020010
	ImplementationClassUID          Tag = 0x00020012
	ImplementationVersionName       Tag = 0x00020013
	SourceApplicationEntityTitle    Tag = 0x00020016
	SendingApplicationEntityTitle   Tag = 0x00020017
	ReceivingApplicationEntityTitle Tag = 0x00020018
	SourcePresentationAddress       Tag = 0x00020026
	SendingPresentationAddress      Tag = 0x00020027
	ReceivingPresentationAddress    Tag = 0x00020028
	RTVMetaInformationVersion       Tag = 0x00020031
	RTVCommunicationSOPClassUID     Tag = 0x00020032
	RTVCommunicationSOPInstanceUID  Tag = 0x00020033
	RTVSourceIdentifier             Tag = 0x00020035
	RTVFlowIdentifier               Tag = 0x00020036
	RTVFlowRTPSamplingRate          Tag = 0x00020037
	RTVFlowActualFrameDuration      Tag = 0x00020038
	PrivateInformationCreatorUID    Tag = 0x00020100
	PrivateInformation              Tag = 0x00020102
)

// Group 0004.
const (
	FileSetID                                               Tag = 0x00041130
	FileSetDescriptorFileID                                 Tag = 0x00041141
	SpecificCharacterSetOfFileSetDescriptorFile             Tag = 0x00041142
	OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity Tag = 0x00041200
	OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity  Tag = 0x00041202
	FileSetConsistencyFlag                                  Tag = 0x00041212
	DirectoryRecordSequence                                 Tag = 0x00041220
	OffsetOfTheNextDirectoryRecord                          Tag = 0x00041400
	RecordInUseFlag                                         Tag = 0x00041410
	OffsetOfReferencedLowerLevelDirectoryEntity             Tag = 0x00041420
	DirectoryRecordType                                     Tag = 0x00041430
	PrivateRecordUID                                        Tag = 0x00041432
	ReferencedFileID                                        Tag = 0x00041500
	ReferencedSOPClassUIDInFile                             Tag = 0x00041510
	ReferencedSOPInstanceUIDInFile                          Tag = 0x00041511
	ReferencedTransferSyntaxUIDInFile                       Tag = 0x00041512
	ReferencedRelatedGeneralSOPClassUIDInFile               Tag = 0x0004151A
)
