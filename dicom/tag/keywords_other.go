// Code generated from the data dictionary (PS3.6 §6, PS3.7 Annex E). DO NOT EDIT.

package tag

// Group 0054.
const (
	EnergyWindowVector                     Tag = 0x00540010
	NumberOfEnergyWindows                  Tag = 0x00540011
	EnergyWindowInformationSequence        Tag = 0x00540012
	EnergyWindowRangeSequence              Tag = 0x00540013
	EnergyWindowLowerLimit                 Tag = 0x00540014
	EnergyWindowUpperLimit                 Tag = 0x00540015
	RadiopharmaceuticalInformationSequence Tag = 0x00540016
	ResidualSyringeCounts                  Tag = 0x00540017
	EnergyWindowName                       Tag = 0x00540018
	DetectorVector                         Tag = 0x00540020
	NumberOfDetectors                      Tag = 0x00540021
	DetectorInformationSequence            Tag = 0x00540022
	PhaseVector                            Tag = 0x00540030
	NumberOfPhases                         Tag = 0x00540031
	PhaseInformationSequence               Tag = 0x00540032
	NumberOfFramesInPhase                  Tag = 0x00540033
	PhaseDelay                             Tag = 0x00540036
	PauseBetweenFrames                     Tag = 0x00540038
	PhaseDescription                       Tag = 0x00540039
	RotationVector                         Tag = 0x00540050
	NumberOfRotations                      Tag = 0x00540051
	RotationInformationSequence            Tag = 0x00540052
	NumberOfFramesInRotation               Tag = 0x00540053
	RRIntervalVector                       Tag = 0x00540060
	NumberOfRRIntervals                    Tag = 0x00540061
	GatedInformationSequence               Tag = 0x00540062
	DataInformationSequence                Tag = 0x00540063
	TimeSlotVector                         Tag = 0x00540070
	NumberOfTimeSlots                      Tag = 0x00540071
	TimeSlotInformationSequence            Tag = 0x00540072
	TimeSlotTime                           Tag = 0x00540073
	SliceVector                            Tag = 0x00540080
	NumberOfSlices                         Tag = 0x00540081
	AngularViewVector                      Tag = 0x00540090
	TimeSliceVector                        Tag = 0x00540100
	NumberOfTimeSlices                     Tag = 0x00540101
	StartAngle                             Tag = 0x00540200
	TypeOfDetectorMotion                   Tag = 0x00540202
	TriggerVector                          Tag = 0x00540210
	NumberOfTriggersInPhase                Tag = 0x00540211
	ViewCodeSequence                       Tag = 0x00540220
	ViewModifierCodeSequence               Tag = 0x00540222
	RadionuclideCodeSequence               Tag = 0x00540300
	AdministrationRouteCodeSequence        Tag = 0x00540302
	RadiopharmaceuticalCodeSequence        Tag = 0x00540304
	CalibrationDataSequence                Tag = 0x00540306
	EnergyWindowNumber                     Tag = 0x00540308
	ImageID                                Tag = 0x00540400
	PatientOrientationCodeSequence         Tag = 0x00540410
	PatientOrientationModifierCodeSequence Tag = 0x00540412
	PatientGantryRelationshipCodeSequence  Tag = 0x00540414
	SliceProgressionDirection              Tag = 0x00540500
	ScanProgressionDirection               Tag = 0x00540501
	SeriesType                             Tag = 0x00541000
	Units                                  Tag = 0x00541001
	CountsSource                           Tag = 0x00541002
	ReprojectionMethod                     Tag = 0x00541004
	SUVType                                Tag = 0x00541006
	RandomsCorrectionMethod                Tag = 0x00541100
	AttenuationCorrectionMethod            Tag = 0x00541101
	DecayCorrection                        Tag = 0x00541102
	ReconstructionMethod                   Tag = 0x00541103
	DetectorLinesOfResponseUsed            Tag = 0x00541104
	ScatterCorrectionMethod                Tag = 0x00541105
	AxialAcceptance                        Tag = 0x00541200
	AxialMash                              Tag = 0x00541201
	TransverseMash                         Tag = 0x00541202
	DetectorElementSize                    Tag = 0x00541203
	CoincidenceWindowWidth                 Tag = 0x00541210
	SecondaryCountsType                    Tag = 0x00541220
	FrameReferenceTime                     Tag = 0x00541300
	PrimaryPromptsCountsAccumulated        Tag = 0x00541310
	SecondaryCountsAccumulated             Tag = 0x00541311
	SliceSensitivityFactor                 Tag = 0x00541320
	DecayFactor                            Tag = 0x00541321
	DoseCalibrationFactor                  Tag = 0x00541322
	ScatterFractionFactor                  Tag = 0x00541323
	DeadTimeFactor                         Tag = 0x00541324
	ImageIndex                             Tag = 0x00541330
)

// Group 0062.
const (
	SegmentationType                            Tag = 0x00620001
	SegmentSequence                             Tag = 0x00620002
	SegmentedPropertyCategoryCodeSequence       Tag = 0x00620003
	SegmentNumber                               Tag = 0x00620004
	SegmentLabel                                Tag = 0x00620005
	SegmentDescription                          Tag = 0x00620006
	SegmentationAlgorithmIdentificationSequence Tag = 0x00620007
	SegmentAlgorithmType                        Tag = 0x00620008
	SegmentAlgorithmName                        Tag = 0x00620009
	SegmentIdentificationSequence               Tag = 0x0062000A
	ReferencedSegmentNumber                     Tag = 0x0062000B
	RecommendedDisplayGrayscaleValue            Tag = 0x0062000C
	RecommendedDisplayCIELabValue               Tag = 0x0062000D
	MaximumFractionalValue                      Tag = 0x0062000E
	SegmentedPropertyTypeCodeSequence           Tag = 0x0062000F
	SegmentationFractionalType                  Tag = 0x00620010
	SegmentedPropertyTypeModifierCodeSequence   Tag = 0x00620011
	UsedSegmentsSequence                        Tag = 0x00620012
	SegmentsOverlap                             Tag = 0x00620013
	TrackingID                                  Tag = 0x00620020
	TrackingUID                                 Tag = 0x00620021
)

// Group 0070.
const (
	GraphicAnnotationSequence                                       Tag = 0x00700001
	GraphicLayer                                                    Tag = 0x00700002
	BoundingBoxAnnotationUnits                                      Tag = 0x00700003
	AnchorPointAnnotationUnits                                      Tag = 0x00700004
	GraphicAnnotationUnits                                          Tag = 0x00700005
	UnformattedTextValue                                            Tag = 0x00700006
	TextObjectSequence                                              Tag = 0x00700008
	GraphicObjectSequence                                           Tag = 0x00700009
	BoundingBoxTopLeftHandCorner                                    Tag = 0x00700010
	BoundingBoxBottomRightHandCorner                                Tag = 0x00700011
	BoundingBoxTextHorizontalJustification                          Tag = 0x00700012
	AnchorPoint                                                     Tag = 0x00700014
	AnchorPointVisibility                                           Tag = 0x00700015
	GraphicDimensions                                               Tag = 0x00700020
	NumberOfGraphicPoints                                           Tag = 0x00700021
	GraphicData                                                     Tag = 0x00700022
	GraphicType                                                     Tag = 0x00700023
	GraphicFilled                                                   Tag = 0x00700024
	ImageHorizontalFlip                                             Tag = 0x00700041
	ImageRotation                                                   Tag = 0x00700042
	DisplayedAreaTopLeftHandCorner                                  Tag = 0x00700052
	DisplayedAreaBottomRightHandCorner                              Tag = 0x00700053
	DisplayedAreaSelectionSequence                                  Tag = 0x0070005A
	GraphicLayerSequence                                            Tag = 0x00700060
	GraphicLayerOrder                                               Tag = 0x00700062
	GraphicLayerRecommendedDisplayGrayscaleValue                    Tag = 0x00700066
	GraphicLayerDescription                                         Tag = 0x00700068
	ContentLabel                                                    Tag = 0x00700080
	ContentDescription                                              Tag = 0x00700081
	PresentationCreationDate                                        Tag = 0x00700082
	PresentationCreationTime                                        Tag = 0x00700083
	ContentCreatorName                                              Tag = 0x00700084
	ContentCreatorIdentificationCodeSequence                        Tag = 0x00700086
	AlternateContentDescriptionSequence                             Tag = 0x00700087
	PresentationSizeMode                                            Tag = 0x00700100
	PresentationPixelSpacing                                        Tag = 0x00700101
	PresentationPixelAspectRatio                                    Tag = 0x00700102
	PresentationPixelMagnificationRatio                             Tag = 0x00700103
	GraphicGroupLabel                                               Tag = 0x00700207
	GraphicGroupDescription                                         Tag = 0x00700208
	CompoundGraphicSequence                                         Tag = 0x00700209
	CompoundGraphicInstanceID                                       Tag = 0x00700226
	FontName                                                        Tag = 0x00700227
	FontNameType                                                    Tag = 0x00700228
	CSSFontName                                                     Tag = 0x00700229
	RotationAngle                                                   Tag = 0x00700230
	TextStyleSequence                                               Tag = 0x00700231
	LineStyleSequence                                               Tag = 0x00700232
	FillStyleSequence                                               Tag = 0x00700233
	GraphicGroupSequence                                            Tag = 0x00700234
	TextColorCIELabValue                                            Tag = 0x00700241
	HorizontalAlignment                                             Tag = 0x00700242
	VerticalAlignment                                               Tag = 0x00700243
	ShadowStyle                                                     Tag = 0x00700244
	ShadowOffsetX                                                   Tag = 0x00700245
	ShadowOffsetY                                                   Tag = 0x00700246
	ShadowColorCIELabValue                                          Tag = 0x00700247
	Underlined                                                      Tag = 0x00700248
	Bold                                                            Tag = 0x00700249
	Italic                                                          Tag = 0x00700250
	PatternOnColorCIELabValue                                       Tag = 0x00700251
	PatternOffColorCIELabValue                                      Tag = 0x00700252
	LineThickness                                                   Tag = 0x00700253
	LineDashingStyle                                                Tag = 0x00700254
	LinePattern                                                     Tag = 0x00700255
	FillPattern                                                     Tag = 0x00700256
	FillMode                                                        Tag = 0x00700257
	ShadowOpacity                                                   Tag = 0x00700258
	GapLength                                                       Tag = 0x00700261
	DiameterOfVisibility                                            Tag = 0x00700262
	RotationPoint                                                   Tag = 0x00700273
	TickAlignment                                                   Tag = 0x00700274
	ShowTickLabel                                                   Tag = 0x00700278
	TickLabelAlignment                                              Tag = 0x00700279
	CompoundGraphicUnits                                            Tag = 0x00700282
	PatternOnOpacity                                                Tag = 0x00700284
	PatternOffOpacity                                               Tag = 0x00700285
	MajorTicksSequence                                              Tag = 0x00700287
	TickPosition                                                    Tag = 0x00700288
	TickLabel                                                       Tag = 0x00700289
	CompoundGraphicType                                             Tag = 0x00700294
	GraphicGroupID                                                  Tag = 0x00700295
	ShapeType                                                       Tag = 0x00700306
	RegistrationSequence                                            Tag = 0x00700308
	MatrixRegistrationSequence                                      Tag = 0x00700309
	MatrixSequence                                                  Tag = 0x0070030A
	FrameOfReferenceToDisplayedCoordinateSystemTransformationMatrix Tag = 0x0070030B
	FrameOfReferenceTransformationMatrixType                        Tag = 0x0070030C
	RegistrationTypeCodeSequence                                    Tag = 0x0070030D
	FiducialDescription                                             Tag = 0x0070030F
	FiducialIdentifier                                              Tag = 0x00700310
	FiducialIdentifierCodeSequence                                  Tag = 0x00700311
	ContourUncertaintyRadius                                        Tag = 0x00700312
	UsedFiducialsSequence                                           Tag = 0x00700314
	UsedRTStructureSetROISequence                                   Tag = 0x00700315
	GraphicCoordinatesDataSequence                                  Tag = 0x00700318
	FiducialUID                                                     Tag = 0x0070031A
	ReferencedFiducialUID                                           Tag = 0x0070031B
	FiducialSetSequence                                             Tag = 0x0070031C
	FiducialSequence                                                Tag = 0x0070031E
	FiducialsPropertyCategoryCodeSequence                           Tag = 0x0070031F
	GraphicLayerRecommendedDisplayCIELabValue                       Tag = 0x00700401
	BlendingSequence                                                Tag = 0x00700402
	RelativeOpacity                                                 Tag = 0x00700403
	ReferencedSpatialRegistrationSequence                           Tag = 0x00700404
	BlendingPosition                                                Tag = 0x00700405
	PresentationDisplayCollectionUID                                Tag = 0x00701101
	PresentationSequenceCollectionUID                               Tag = 0x00701102
	PresentationSequencePositionIndex                               Tag = 0x00701103
	RenderedImageReferenceSequence                                  Tag = 0x00701104
	VolumetricPresentationStateInputSequence                        Tag = 0x00701201
	PresentationInputType                                           Tag = 0x00701202
	InputSequencePositionIndex                                      Tag = 0x00701203
	Crop                                                            Tag = 0x00701204
	CroppingSpecificationIndex                                      Tag = 0x00701205
	VolumetricPresentationInputNumber                               Tag = 0x00701207
	ImageVolumeGeometry                                             Tag = 0x00701208
	VolumetricPresentationInputSetUID                               Tag = 0x00701209
	VolumetricPresentationInputSetSequence                          Tag = 0x0070120A
	GlobalCrop                                                      Tag = 0x0070120B
	GlobalCroppingSpecificationIndex                                Tag = 0x0070120C
	RenderingMethod                                                 Tag = 0x0070120D
	VolumeCroppingSequence                                          Tag = 0x00701301
	VolumeCroppingMethod                                            Tag = 0x00701302
	BoundingBoxCrop                                                 Tag = 0x00701303
	ObliqueCroppingPlaneSequence                                    Tag = 0x00701304
	Plane                                                           Tag = 0x00701305
	PlaneNormal                                                     Tag = 0x00701306
	CroppingSpecificationNumber                                     Tag = 0x00701309
	MultiPlanarReconstructionStyle                                  Tag = 0x00701501
	MPRThicknessType                                                Tag = 0x00701502
	MPRSlabThickness                                                Tag = 0x00701503
	MPRTopLeftHandCorner                                            Tag = 0x00701505
	MPRViewWidthDirection                                           Tag = 0x00701507
	MPRViewWidth                                                    Tag = 0x00701508
	NumberOfVolumetricCurvePoints                                   Tag = 0x0070150C
	VolumetricCurvePoints                                           Tag = 0x0070150D
	MPRViewHeightDirection                                          Tag = 0x00701511
	MPRViewHeight                                                   Tag = 0x00701512
	RenderProjection                                                Tag = 0x00701602
	ViewpointPosition                                               Tag = 0x00701603
	ViewpointLookAtPoint                                            Tag = 0x00701604
	ViewpointUpDirection                                            Tag = 0x00701605
	RenderFieldOfView                                               Tag = 0x00701606
	SamplingStepSize                                                Tag = 0x00701607
	ShadingStyle                                                    Tag = 0x00701701
	AmbientReflectionIntensity                                      Tag = 0x00701702
	LightDirection                                                  Tag = 0x00701703
	DiffuseReflectionIntensity                                      Tag = 0x00701704
	SpecularReflectionIntensity                                     Tag = 0x00701705
	Shininess                                                       Tag = 0x00701706
	PresentationStateClassificationComponentSequence                Tag = 0x00701801
	ComponentType                                                   Tag = 0x00701802
	ComponentInputSequence                                          Tag = 0x00701803
	VolumetricPresentationInputIndex                                Tag = 0x00701804
	PresentationStateCompositorComponentSequence                    Tag = 0x00701805
	WeightingTransferFunctionSequence                               Tag = 0x00701806
	VolumetricAnnotationSequence                                    Tag = 0x00701901
	ReferencedStructuredContextSequence                             Tag = 0x00701903
	ReferencedContentItem                                           Tag = 0x00701904
	VolumetricPresentationInputAnnotationSequence                   Tag = 0x00701905
	AnnotationClipping                                              Tag = 0x00701907
	PresentationAnimationStyle                                      Tag = 0x00701A01
	RecommendedAnimationRate                                        Tag = 0x00701A03
	AnimationCurveSequence                                          Tag = 0x00701A04
	AnimationStepSize                                               Tag = 0x00701A05
	SwivelRange                                                     Tag = 0x00701A06
	VolumetricCurveUpDirections                                     Tag = 0x00701A07
	VolumeStreamSequence                                            Tag = 0x00701A08
	RGBATransferFunctionDescription                                 Tag = 0x00701A09
	AdvancedBlendingSequence                                        Tag = 0x00701B01
	BlendingInputNumber                                             Tag = 0x00701B02
	BlendingDisplayInputSequence                                    Tag = 0x00701B03
	BlendingDisplaySequence                                         Tag = 0x00701B04
	BlendingMode                                                    Tag = 0x00701B06
	TimeSeriesBlending                                              Tag = 0x00701B07
	GeometryForDisplay                                              Tag = 0x00701B08
	ThresholdSequence                                               Tag = 0x00701B11
	ThresholdValueSequence                                          Tag = 0x00701B12
	ThresholdType                                                   Tag = 0x00701B13
	ThresholdValue                                                  Tag = 0x00701B14
)

// Group 0088.
const (
	StorageMediaFileSetID  Tag = 0x00880130
	StorageMediaFileSetUID Tag = 0x00880140
	IconImageSequence      Tag = 0x00880200
)

// Group 2050.
const (
	PresentationLUTSequence           Tag = 0x20500010
	PresentationLUTShape              Tag = 0x20500020
	ReferencedPresentationLUTSequence Tag = 0x20500500
)

// Group 3006.
const (
	StructureSetLabel                            Tag = 0x30060002
	StructureSetName                             Tag = 0x30060004
	StructureSetDescription                      Tag = 0x30060006
	StructureSetDate                             Tag = 0x30060008
	StructureSetTime                             Tag = 0x30060009
	ReferencedFrameOfReferenceSequence           Tag = 0x30060010
	RTReferencedStudySequence                    Tag = 0x30060012
	RTReferencedSeriesSequence                   Tag = 0x30060014
	ContourImageSequence                         Tag = 0x30060016
	PredecessorStructureSetSequence              Tag = 0x30060018
	StructureSetROISequence                      Tag = 0x30060020
	ROINumber                                    Tag = 0x30060022
	ReferencedFrameOfReferenceUID                Tag = 0x30060024
	ROIName                                      Tag = 0x30060026
	ROIDescription                               Tag = 0x30060028
	ROIDisplayColor                              Tag = 0x3006002A
	ROIVolume                                    Tag = 0x3006002C
	ROIDateTime                                  Tag = 0x3006002D
	ROIObservationDateTime                       Tag = 0x3006002E
	RTRelatedROISequence                         Tag = 0x30060030
	RTROIRelationship                            Tag = 0x30060033
	ROIGenerationAlgorithm                       Tag = 0x30060036
	ROIDerivationAlgorithmIdentificationSequence Tag = 0x30060037
	ROIGenerationDescription                     Tag = 0x30060038
	ROIContourSequence                           Tag = 0x30060039
	ContourSequence                              Tag = 0x30060040
	ContourGeometricType                         Tag = 0x30060042
	NumberOfContourPoints                        Tag = 0x30060046
	ContourNumber                                Tag = 0x30060048
	SourcePixelPlanesCharacteristicsSequence     Tag = 0x3006004A
	SourceSeriesSequence                         Tag = 0x3006004B
	SourceSeriesInformationSequence              Tag = 0x3006004C
	ROICreatorSequence                           Tag = 0x3006004D
	ROIInterpreterSequence                       Tag = 0x3006004E
	ROIObservationContextCodeSequence            Tag = 0x3006004F
	ContourData                                  Tag = 0x30060050
	RTROIObservationsSequence                    Tag = 0x30060080
	ObservationNumber                            Tag = 0x30060082
	ReferencedROINumber                          Tag = 0x30060084
	RTROIIdentificationCodeSequence              Tag = 0x30060086
	RelatedRTROIObservationsSequence             Tag = 0x300600A0
	RTROIInterpretedType                         Tag = 0x300600A4
	ROIInterpreter                               Tag = 0x300600A6
	ROIPhysicalPropertiesSequence                Tag = 0x300600B0
	ROIPhysicalProperty                          Tag = 0x300600B2
	ROIPhysicalPropertyValue                     Tag = 0x300600B4
	ROIElementalCompositionSequence              Tag = 0x300600B6
	ROIElementalCompositionAtomicNumber          Tag = 0x300600B7
	ROIElementalCompositionAtomicMassFraction    Tag = 0x300600B8
	FrameOfReferenceTransformationMatrix         Tag = 0x300600C6
	FrameOfReferenceTransformationComment        Tag = 0x300600C8
	PatientLocationCoordinatesSequence           Tag = 0x300600C9
	PatientLocationCoordinatesCodeSequence       Tag = 0x300600CA
	PatientSupportPositionSequence               Tag = 0x300600CB
)

// Group 5200.
const (
	SharedFunctionalGroupsSequence   Tag = 0x52009229
	PerFrameFunctionalGroupsSequence Tag = 0x52009230
)

// Group 5400.
const (
	WaveformSequence             Tag = 0x54000100
	ChannelMinimumValue          Tag = 0x54000110
	ChannelMaximumValue          Tag = 0x54000112
	WaveformBitsAllocated        Tag = 0x54001004
	WaveformSampleInterpretation Tag = 0x54001006
	WaveformPaddingValue         Tag = 0x5400100A
	WaveformData                 Tag = 0x54001010
)

// Group 6000.
const (
	OverlayRows             Tag = 0x60000010
	OverlayColumns          Tag = 0x60000011
	NumberOfFramesInOverlay Tag = 0x60000015
	OverlayDescription      Tag = 0x60000022
	OverlayType             Tag = 0x60000040
	OverlaySubtype          Tag = 0x60000045
	OverlayOrigin           Tag = 0x60000050
	ImageFrameOrigin        Tag = 0x60000051
	OverlayBitsAllocated    Tag = 0x60000100
	OverlayBitPosition      Tag = 0x60000102
	OverlayActivationLayer  Tag = 0x60001001
	ROIArea                 Tag = 0x60001301
	ROIMean                 Tag = 0x60001302
	ROIStandardDeviation    Tag = 0x60001303
	OverlayLabel            Tag = 0x60001500
	OverlayData             Tag = 0x60003000
)

// Group 7FE0.
const (
	ExtendedOffsetTable                   Tag = 0x7FE00001
	ExtendedOffsetTableLengths            Tag = 0x7FE00002
	EncapsulatedPixelDataValueTotalLength Tag = 0x7FE00003
	FloatPixelData                        Tag = 0x7FE00008
	DoubleFloatPixelData                  Tag = 0x7FE00009
	PixelData                             Tag = 0x7FE00010
)

// Group FFFC.
const (
	DataSetTrailingPadding Tag = 0xFFFCFFFC
)

// Group FFFE.
const (
	Item                     Tag = 0xFFFEE000
	ItemDelimitationItem     Tag = 0xFFFEE00D
	SequenceDelimitationItem Tag = 0xFFFEE0DD
)
