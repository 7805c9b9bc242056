package main

import (
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/performed"
)

// values are what somebody could type of a hospital, by what they name.
type values map[string]string

// at is a value under another name of what it names, "" where there is none.
func (v values) at(what string) string { return v[what] }

// question is one request, made of what is typed.
type question struct {
	name     string
	abstract string
	message  func(v values) dimse.Message
	data     func(v values) *dataset.Dataset
	changes  bool // asked once, not by the owner
}

var levelKeys = []struct {
	level service.Level
	key   tag.Tag
	what  string
}{{service.PatientLevel, tag.PatientID, "pid"}, {service.StudyLevel, tag.StudyInstanceUID, "study"}, {service.SeriesLevel, tag.SeriesInstanceUID, "series"}, {service.ImageLevel, tag.SOPInstanceUID, "instance"}}

// typing are the keys in which values are typed, and which.
func typing() map[tag.Tag][]string {
	out := map[tag.Tag][]string{
		tag.PatientID: {"pid", "pid*", "name"}, tag.PatientName: {"name", "name*", "?name", "*", "pid"}, tag.AccessionNumber: {"acc", "acc*", "*"},
		tag.StudyDescription: {"desc", "desc*"}, tag.SeriesDescription: {"sdesc", "sdesc*"}, tag.ReferringPhysicianName: {"doctor", "doctor*"},
		tag.StudyID: {"sid", "*"}, tag.IssuerOfPatientID: {"pid"}, tag.ProtocolName: {"desc"}, tag.StationName: {"desc"},
	}
	for _, t := range []tag.Tag{tag.StudyInstanceUID, tag.SeriesInstanceUID, tag.SOPInstanceUID, tag.SOPClassUID} {
		out[t] = []string{"study", "series", "instance", "step", "performed", "study+", "instance+", "*"}
	}
	return out
}

// typed writes a value as its form asks.
func (v values) typed(form string) []string {
	switch {
	case form == "*":
		return []string{"*"}
	case strings.HasSuffix(form, "*"):
		s := v.at(strings.TrimSuffix(form, "*"))
		return []string{s[:4] + "*"}
	case strings.HasPrefix(form, "?"):
		return []string{"?" + v.at(form[1:])[1:] + "*"}
	case strings.HasSuffix(form, "+"): // a list, one of ours beside it
		return []string{"2.25.1", v.at(strings.TrimSuffix(form, "+"))}
	}
	return []string{v.at(form)}
}

// everyReturnKey asks for all that may be answered.
func everyReturnKey(d *dataset.Dataset) {
	for _, t := range []tag.Tag{
		tag.PatientName, tag.PatientID, tag.PatientBirthDate, tag.PatientSex, tag.StudyInstanceUID, tag.StudyDate, tag.AccessionNumber, tag.StudyDescription,
		tag.StudyID, tag.ReferringPhysicianName, tag.ModalitiesInStudy, tag.NumberOfPatientRelatedStudies, tag.NumberOfPatientRelatedSeries,
		tag.NumberOfPatientRelatedInstances, tag.NumberOfStudyRelatedSeries, tag.NumberOfStudyRelatedInstances, tag.SeriesInstanceUID, tag.Modality,
		tag.SeriesDescription, tag.NumberOfSeriesRelatedInstances, tag.SOPInstanceUID, tag.SOPClassUID, tag.InstanceNumber,
	} {
		if e, ok := tag.Lookup(t); ok && !d.Has(t) {
			d.SetString(t, e.VR)
		}
	}
}

func questions() (out []question) {
	find := func(class string) func(values) dimse.Message {
		return func(values) dimse.Message { return &dimse.CFindRQ{AffectedSOPClassUID: class, MessageID: 7} }
	}
	set := func(d *dataset.Dataset, t tag.Tag, list []string) {
		e, _ := tag.Lookup(t)
		d.SetString(t, e.VR, list...)
	}
	for _, class := range []string{uid.PatientRootFind, uid.StudyRootFind} {
		for _, at := range levelKeys {
			for t, forms := range typing() {
				for _, form := range forms {
					out = append(out, question{
						name: fmt.Sprintf("C-FIND %s at %s: %s in %s", uid.Name(class), at.level, form, t), abstract: class, message: find(class),
						data: func(v values) *dataset.Dataset {
							d := dataset.New()
							everyReturnKey(d)
							d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
							d.SetString(tag.QueryRetrieveLevel, "CS", string(at.level))
							set(d, t, v.typed(form))
							return d
						},
					})
				}
			}
		}
	}
	for _, class := range []string{uid.PatientRootGet, uid.StudyRootGet, uid.PatientRootMove, uid.StudyRootMove} {
		for _, at := range levelKeys {
			for _, form := range []string{at.what, at.what + "+", "name", "*", "study", "instance", "step"} {
				for _, above := range []bool{false, true} {
					for _, to := range []string{"OUR_WS", "KITA_WS", "NOWHERE"} {
						move := class == uid.PatientRootMove || class == uid.StudyRootMove
						if !move && to != "NOWHERE" {
							continue
						}
						out = append(out, question{
							name: fmt.Sprintf("%s at %s: %s, keys above %v, to %s", uid.Name(class), at.level, form, above, to), abstract: class,
							message: func(values) dimse.Message {
								if move {
									return &dimse.CMoveRQ{AffectedSOPClassUID: class, MessageID: 7, MoveDestination: to}
								}
								return &dimse.CGetRQ{AffectedSOPClassUID: class, MessageID: 7}
							},
							data: func(v values) *dataset.Dataset {
								d := dataset.New()
								d.SetString(tag.QueryRetrieveLevel, "CS", string(at.level))
								for _, higher := range levelKeys {
									if higher.level == at.level {
										break
									}
									if above {
										set(d, higher.key, []string{v.at(higher.what)})
									}
								}
								set(d, at.key, v.typed(form))
								return d
							},
						})
					}
				}
			}
		}
	}
	// The worklists: keys at the top and within sequences.
	for _, class := range []string{uid.ModalityWorklistFind, uid.UPSPull, uid.UPSWatch, uid.UPSQuery} {
		keys := typing()
		keys[tag.RequestedProcedureID] = []string{"sid"}
		keys[tag.RequestedProcedureDescription] = []string{"desc", "desc*"}
		keys[tag.ScheduledProcedureStepID] = []string{"sid"}
		keys[tag.ScheduledProcedureStepDescription] = []string{"desc"}
		keys[tag.ScheduledPerformingPhysicianName] = []string{"doctor", "doctor*"}
		keys[tag.ScheduledStationAETitle] = []string{"ae"}
		keys[tag.ProcedureStepLabel], keys[tag.WorklistLabel] = []string{"desc", "*"}, []string{"desc"}
		for t, forms := range keys {
			for _, form := range forms {
				for _, sequence := range []tag.Tag{0, tag.ScheduledProcedureStepSequence, tag.ReferencedRequestSequence, tag.InputInformationSequence} {
					out = append(out, question{
						name: fmt.Sprintf("C-FIND %s: %s in %s of %s", uid.Name(class), form, t, sequence), abstract: class, message: find(class),
						data: func(v values) *dataset.Dataset {
							d := dataset.New()
							d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
							everyReturnKey(d)
							for _, s := range []tag.Tag{tag.ScheduledProcedureStepSequence, tag.ReferencedRequestSequence, tag.InputInformationSequence} {
								item := dataset.New()
								if s == sequence {
									set(item, t, v.typed(form))
								}
								d.SetItems(s, item)
							}
							if sequence == 0 {
								set(d, t, v.typed(form))
							}
							return d
						},
					})
				}
			}
		}
	}
	return append(out, normalizedQuestions()...)
}

// normalizedQuestions are N-GET, N-SET, N-ACTION and N-CREATE about somebody else's.
func normalizedQuestions() (out []question) {
	none := func(values) *dataset.Dataset { return nil }
	with := func(set func(d *dataset.Dataset, v values)) func(values) *dataset.Dataset {
		return func(v values) *dataset.Dataset {
			d := dataset.New()
			d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
			set(d, v)
			return d
		}
	}
	for i, what := range []string{"step", "asked", "performed", "study", "instance"} {
		for _, class := range []string{uid.UPSPush, uid.UPSPull, uid.UPSWatch} {
			step := func(name string, message func(string) dimse.Message, data func(values) *dataset.Dataset, changes bool) {
				out = append(out, question{
					name: fmt.Sprintf("%s of %s in %s", name, what, uid.Name(class)), abstract: class, data: data, changes: changes,
					message: func(v values) dimse.Message { return message(v.at(what)) },
				})
			}
			step("N-GET", func(u string) dimse.Message {
				return &dimse.NGetRQ{RequestedSOPClassUID: uid.UPSPush, MessageID: 7, RequestedSOPInstanceUID: u}
			}, none, false)
			step("N-SET", func(u string) dimse.Message {
				return &dimse.NSetRQ{RequestedSOPClassUID: uid.UPSPush, MessageID: 7, RequestedSOPInstanceUID: u}
			}, with(func(d *dataset.Dataset, _ values) { d.SetString(tag.ProcedureStepLabel, "LO", "changed") }), true)
			for action := range uint16(7) {
				step(fmt.Sprint("N-ACTION ", action), func(u string) dimse.Message {
					return &dimse.NActionRQ{RequestedSOPClassUID: uid.UPSPush, MessageID: 7, RequestedSOPInstanceUID: u, ActionTypeID: action}
				}, with(func(d *dataset.Dataset, _ values) {
					d.SetString(tag.ProcedureStepState, "CS", "IN PROGRESS")
					d.SetString(tag.TransactionUID, "UI", "2.25.99")
					d.SetString(tag.ReceivingAE, "AE", "OUR_WS")
					d.SetString(tag.ReasonForCancellation, "LT", "x")
				}), true)
			}
		}
		out = append(out,
			question{
				name: "N-GET of the performed step: " + what, abstract: performed.RetrieveClass, data: none,
				message: func(v values) dimse.Message {
					return &dimse.NGetRQ{RequestedSOPClassUID: performed.RetrieveClass, MessageID: 7, RequestedSOPInstanceUID: v.at(what)}
				},
			},
			question{
				name: "N-SET of the performed step: " + what, abstract: uid.ModalityPerformedProcedureStep, changes: true,
				message: func(v values) dimse.Message {
					return &dimse.NSetRQ{RequestedSOPClassUID: uid.ModalityPerformedProcedureStep, MessageID: 7, RequestedSOPInstanceUID: v.at(what)}
				},
				data: with(func(d *dataset.Dataset, _ values) {
					d.SetString(tag.PerformedProcedureStepStatus, "CS", "DISCONTINUED")
				}),
			},
			question{
				name: "N-CREATE of a performed step: " + what, abstract: uid.ModalityPerformedProcedureStep, changes: true,
				message: func(v values) dimse.Message {
					return &dimse.NCreateRQ{AffectedSOPClassUID: uid.ModalityPerformedProcedureStep, MessageID: 7, AffectedSOPInstanceUID: v.at(what)}
				},
				data: with(performedStep),
			},
			question{
				name: "N-CREATE of a step: " + what, abstract: uid.UPSPush, changes: true,
				message: func(v values) dimse.Message {
					return &dimse.NCreateRQ{AffectedSOPClassUID: uid.UPSPush, MessageID: 7, AffectedSOPInstanceUID: v.at(what)}
				},
				data: with(func(d *dataset.Dataset, v values) { // a reading of their study, each time another one of ours
					d.SetString(tag.ProcedureStepState, "CS", "SCHEDULED")
					d.SetString(tag.ScheduledProcedureStepPriority, "CS", "LOW")
					d.SetString(tag.StudyInstanceUID, "UI", v.at("study")+"."+fmt.Sprint(i+1))
				}),
			})
	}
	return out
}

// performedStep are the attributes of an N-CREATE of a modality.
func performedStep(d *dataset.Dataset, v values) {
	scheduled := dataset.New()
	scheduled.SetString(tag.StudyInstanceUID, "UI", v.at("study"))
	scheduled.SetString(tag.AccessionNumber, "SH", v.at("acc"))
	d.SetItems(tag.ScheduledStepAttributesSequence, scheduled)
	d.SetString(tag.PatientName, "PN", v.at("name"))
	d.SetString(tag.PatientID, "LO", v.at("pid"))
	d.SetString(tag.PerformedProcedureStepID, "SH", "PPS1")
	d.SetString(tag.PerformedProcedureStepStatus, "CS", "IN PROGRESS")
}
