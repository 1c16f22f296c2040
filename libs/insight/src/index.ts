export { createExplainer } from './explainer.ts';
export type { Explainer, ExplainerOptions, ExplainFrameRequest, ExplainRequest } from './explainer.ts';
export type { Explanation } from './explanation.ts';
export { createCuts } from './cuts.ts';
export type { EncodedLayer, LayerActivations, PolicyCuts } from './cuts.ts';
export { encodeWith, factorColours } from './dictionary.ts';
export type { Dictionary, DictionaryOptions } from './dictionary.ts';
export { explainWithFactors } from './explainFrame.ts';
export type { FrameExplanation } from './explainFrame.ts';
export { interventionsAt, objectsInView } from './frameObjects.ts';
export type { FrameObject, FrameObjects } from './frameObjects.ts';
export { builtInBaselines } from './references.ts';
export type { References } from './references.ts';
export {
  discountedValue,
  explainResidual,
  explainTransition,
  residualDiscount,
  residualMap,
  residualTarget,
} from './temporal.ts';
export type { ResidualExplanation, ResidualRequest, ResidualStep, TransitionRequest } from './temporal.ts';
export { parseTarget, targetForms } from './target.ts';
export type { NamedTarget, TargetNames } from './target.ts';
export { bootstrap, bootstrapMean, quantile, quantileOfSorted } from './statistics/bootstrap.ts';
export type { Interval } from './statistics/bootstrap.ts';
export { holm, mcnemarExact } from './statistics/tests.ts';
export { auroc, midranks, pearson, slope, spearman } from './statistics/ranks.ts';
export { assign, cosine, matchDirections } from './statistics/matching.ts';
export type { Matching } from './statistics/matching.ts';
export { debiasedCka } from './representations/cka.ts';
export { openLayer, sliceStates } from './layer/openLayer.ts';
export type { LayerStates, OpenLayer } from './layer/openLayer.ts';
export { collectFrames, hasMasks, joinFrames, selectFrames, splitByLevel } from './frames/collect.ts';
export type { CollectionRequest, FrameSet, MaskedEnvironment } from './frames/collect.ts';
export { attributeStates, forEachBlock, sampleIndices, sampleRows } from './dictionary/rows.ts';
export { dictionaryStability, fitDictionary } from './dictionary/fit.ts';
export type { FitRequest, FittedDictionary, Stability } from './dictionary/fit.ts';
export { codecsFor, largestChannels, randomDirections } from './dictionary/codecs.ts';
export type { Codec } from './dictionary/codecs.ts';
export { measureFidelity, policyDivergence } from './dictionary/fidelity.ts';
export type { Fidelity } from './dictionary/fidelity.ts';
export { factorActivity, patchAround, patchExamples, spatialExample } from './dictionary/examples.ts';
export type { FactorActivity, PatchExample, SpatialExample } from './dictionary/examples.ts';
export { alignedClasses, classPresence, coverThreshold } from './alignment/cover.ts';
export type { AlignedClass } from './alignment/cover.ts';
export { alignmentNull, alignmentScores } from './alignment/score.ts';
export { enoughShown, nameFactors, strongestShow } from './alignment/names.ts';
export type { AlignmentNull, AlignmentScores } from './alignment/score.ts';
export { pixelFactorActivity, pixelRows, untrainedLike } from './alignment/controls.ts';
export { blankPicture, gridOf, pictureOf } from './report/picture.ts';
export type { Picture } from './report/picture.ts';
export { numberText } from './report/document.ts';
export type { Block, Point as ChartPoint, IntervalRow, Report, Section, Series } from './report/document.ts';
export { reportHtml } from './report/html.ts';
export { ticks as chartTicks } from './report/chart.ts';
export { alignPolicy, quickAlignment } from './alignment/align.ts';
export type { Alignment, AlignmentRequest } from './alignment/align.ts';
export { alignmentSection, dictionaryDocument, dictionaryFrom, dictionaryReport } from './dictionary/document.ts';
export type { DictionaryDocument, DictionaryFindings } from './dictionary/document.ts';
export { removeDirection } from './edits/weights.ts';
export { covarianceOf, matchedDirections, varianceAlong } from './edits/directions.ts';
export { componentsAlong, editActivations, editedPlayer, meanComponents } from './edits/activations.ts';
export type { ActivationEdit } from './edits/activations.ts';
export { judgeBlindness, pairedEffects } from './edits/blindness.ts';
export type { ArmKind, ArmResults, BlindnessVerdict, ComparedArm, PairedEffect } from './edits/blindness.ts';
export { receptiveField } from './layer/receptiveField.ts';
export type { ReceptiveField } from './layer/receptiveField.ts';
export { advantagesOf, recordEpisodes, rewardUnit } from './episode/record.ts';
export type { RecordRequest, Trajectory } from './episode/record.ts';
export { bookmarks, failures, surprisingActions, valueChanges } from './episode/moments.ts';
export type { Failure, Moment } from './episode/moments.ts';
export { explainChange } from './episode/changes.ts';
export type { ChangeExplanation } from './episode/changes.ts';
export { detectorsFrom, findHallucinations } from './episode/hallucinations.ts';
export type { Detector, Hallucination, HallucinationSearch } from './episode/hallucinations.ts';
export { changeCaption, failureCaption, surpriseCaption } from './episode/captions.ts';
export { pairsWithout } from './patching/pairs.ts';
export type { FramePairs } from './patching/pairs.ts';
export { interchange, restoreAtObject } from './patching/interchange.ts';
export type { Interchange, Restoration } from './patching/interchange.ts';
export { ridgeProbe } from './probes/ridge.ts';
export { positionFeatures, probeTargets } from './probes/targets.ts';
export type { ProbeTarget } from './probes/targets.ts';
export { runProbes, scorePrediction } from './probes/run.ts';
export type { ProbeScore, Representation } from './probes/run.ts';
export { conceptVector, steer } from './probes/concepts.ts';
export type { Steering } from './probes/concepts.ts';
export { directionOf as actionDirection, fieldDifference, freePlaces, vectorField } from './field/vectorField.ts';
export type { FieldOptions, VectorField } from './field/vectorField.ts';
export { fieldPicture } from './field/picture.ts';
export {
  coinPlaces,
  conditionEnvironment,
  conditionLevel,
  conditions,
  endFrames,
  endWalls,
  playRoutes,
} from './misgeneralisation/conditions.ts';
export type { Condition, EndFrames, Route } from './misgeneralisation/conditions.ts';
export { compareRepresentations, followFactors, readRepresentations } from './representations/compare.ts';
export type { ComparedRepresentation, Comparison, FactorHistory, NamedPolicy } from './representations/compare.ts';
export { competenceTolerance, diversityFindings } from './study/diversity.ts';
export type { DiversityFindings, StudiedPolicy } from './study/diversity.ts';
export { activationGrid, cellDictionary, channelAttribution, spatialAttribution } from './frame/readings.ts';
export type { ActivationGrid, CellEntry, SignedSums } from './frame/readings.ts';
export { cellSource, groupGraph, openPassage } from './frame/between.ts';
export type { GroupEdge, Passage } from './frame/between.ts';
export { framePerLevel } from './frames/perLevel.ts';
export type { LevelFrames, PerLevelRequest } from './frames/perLevel.ts';
export { compareWithControls, kendallTau, pairedDifference } from './scorecard/compare.ts';
export type { MetricComparison, PairedDifference, ScoredEntry } from './scorecard/compare.ts';
export { objectFaithfulness, objectTruth, partialSpearman, usedThreshold } from './scorecard/truth.ts';
export type { ObjectTruth } from './scorecard/truth.ts';
export { randomisationCascade, randomisationVerdict, randomisationWarning } from './scorecard/randomisation.ts';
export type { RandomisationCheck, RandomisedPolicy } from './scorecard/randomisation.ts';
export { scorecardMetrics } from './scorecard/metrics.ts';
export type { ScorecardMetric } from './scorecard/metrics.ts';
export { scorecardTargets } from './scorecard/frameMaps.ts';
export type { ScorecardTarget } from './scorecard/frameMaps.ts';
export { checkRandomisation } from './scorecard/randomisedMaps.ts';
export type { RandomisationRequest } from './scorecard/randomisedMaps.ts';
export { scorecardControls, scorePolicy } from './scorecard/score.ts';
export type { FrameScores, PolicyScores, ScorecardRequest } from './scorecard/score.ts';
export {
  agreementSection,
  compareScores,
  exampleBlocks,
  metricsSection,
  policySections,
  rankingAgreement,
  scorecardCaveats,
  winsOf,
} from './scorecard/report.ts';
export type { ScorecardComparisons, ScoredPolicy } from './scorecard/report.ts';
export { scorecardLines } from './scorecard/text.ts';
export { editEffect, outputsEffect } from './edits/effect.ts';
export type { EditEffect } from './edits/effect.ts';
export {
  actionTitle,
  capital,
  endTitle,
  fixed,
  layerTitle,
  percent,
  short,
  targetTitle,
  withSign,
} from './film/words.ts';
export { drawPlate, plateSize } from './film/plate.ts';
export type { PlateFilm, PlateFrame, PlateLens, PlateMap, PlateOptions } from './film/plate.ts';
export { filmGif, filmOf } from './film/film.ts';
export type { Film, FilmFrame, GifRequest, GifTools } from './film/film.ts';
export { inSteps, pause } from './pause.ts';
export type { ReportProgress } from './pause.ts';
