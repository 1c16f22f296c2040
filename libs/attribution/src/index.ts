export { createAttributor, defaultBatchSizes } from './attributor.ts';
export type { Attributor, EvaluationOptions, Gradients, Line, LineGradients, PullBack } from './attributor.ts';
export type { Context, DifferentiableModel } from './model.ts';
export {
  actionOf,
  centredLogit,
  entropy,
  groupLogit,
  logitDifference,
  logProbability,
  probability,
  rawOutput,
  scoreOf,
  secant,
  softmax,
  tangent,
} from './targets.ts';
export type { LinearTarget, NonlinearTarget, OutputLayout, Target } from './targets.ts';
export { opsTables } from './ops/tables.ts';
export type { OpsTable } from './ops/tables.ts';
export { methodNamed, methods } from './registry.ts';
export type { MethodName } from './registry.ts';
export { defineMethod } from './method.ts';
export type {
  Attribution,
  AttributionMethod,
  AttributionRequest,
  Cut,
  IntegrationError,
  Need,
  ObjectInterventions,
  Source,
} from './method.ts';
export { parseOptions } from './options.ts';
export type { OptionSpec, OptionSpecs, OptionValue, OptionValues } from './options.ts';
export { occlude, topActionMap } from './methods/occlusion.ts';
export type { OcclusionSweep } from './methods/occlusion.ts';
export { mostParts, multiPathAttribution } from './multiPath.ts';
export type { MultiPathAttribution, MultiPathRequest } from './multiPath.ts';
export { mostPlayers, shapleyValues } from './shapley.ts';
export { everySecond, quadrature, quadratures } from './quadrature.ts';
export type { Quadrature, QuadratureName } from './quadrature.ts';
export { decode, encode, factorise, factoriseSteps, reconstructionError } from './factorisation/nonNegative.ts';
export type { Factorisation, FactorisationOptions } from './factorisation/nonNegative.ts';
export { colourScale, flatten, legend, magnitudeQuantile, paint, paintOver, resizeMap } from './picture/paint.ts';
export type { ColourScale, FlatMap, LegendEntry, Paint, PaintOptions, ScaleOptions } from './picture/paint.ts';
export { isSigned, paletteNamed, signedPalettes, unsignedPalettes } from './picture/palettes.ts';
export type { Palette, PaletteName, SignedPalette, UnsignedPalette } from './picture/palettes.ts';
export { boundingBox, intersectionOverUnion, largestComponent, localise } from './picture/box.ts';
export type { Box } from './picture/box.ts';
export {
  defaultIntegratedPicture,
  integratedPicture,
  outline,
  polarities,
  polarityMap,
} from './picture/integratedPicture.ts';
export type { IntegratedPictureOptions, Polarity } from './picture/integratedPicture.ts';
export { massDistribution, massThreshold } from './picture/mass.ts';
export type { MassDistribution } from './picture/mass.ts';
export { createFlowNetwork } from './picture/maxFlow.ts';
export type { FlowNetwork } from './picture/maxFlow.ts';
export { connectedComponents, erode, fillHoles, greyClose, greyOpen } from './picture/morphology.ts';
export type { Components } from './picture/morphology.ts';
export { segment } from './picture/segmentation.ts';
export { gaussianBlur } from './picture/blur.ts';
export { resizeBilinear, resizeNearest } from './picture/resize.ts';
export type { Size } from './picture/resize.ts';
export { principalComponents, principalReconstruction } from './projections/principal.ts';
export type { PrincipalComponents } from './projections/principal.ts';
export { jointProbabilities, squaredDistances, tsne, tsneSteps } from './projections/neighbours.ts';
export type { Embedding, TsneOptions } from './projections/neighbours.ts';
export { distanceSignature, metaSne, representationDistances } from './projections/metaSne.ts';
export { centredMap, edgeMap, uniformMap } from './metrics/controls.ts';
export { massAccuracy, pointingGame, rankAccuracy } from './metrics/masks.ts';
export { infidelity, maxSensitivity, sampleNoise, sampleSubsets, sensitivityN } from './metrics/perturbation.ts';
export type { Infidelity, PerturbationSample } from './metrics/perturbation.ts';
export { deletion, insertion, positionsByValue } from './metrics/removal.ts';
export type { RemovalCurve, RemovalOptions } from './metrics/removal.ts';
export { structuralSimilarity } from './metrics/similarity.ts';
export { correspondence } from './dataset/correspondence.ts';
export type { Correspondence } from './dataset/correspondence.ts';
export { invarianceCurve } from './dataset/invariance.ts';
export type { InvariancePoint } from './dataset/invariance.ts';
export { featureEvolution, topPatches } from './dataset/topPatches.ts';
export type { TopPatch, TopPatchOptions } from './dataset/topPatches.ts';
export { affineMap } from './picture/affine.ts';
export type { AffineMap, Transformation } from './picture/affine.ts';
export { classModel } from './optimisation/classModel.ts';
export type { ClassModel, ClassModelOptions } from './optimisation/classModel.ts';
export { colourMatrix, mixColours, mixColoursBack } from './optimisation/colour.ts';
export type { ColourMatrix } from './optimisation/colour.ts';
export { likeness } from './optimisation/diversity.ts';
export { visualisationCaption, visualiseFeature } from './optimisation/featureVisualisation.ts';
export type { FeatureObjective, Visualisation, VisualisationOptions } from './optimisation/featureVisualisation.ts';
export { createSpectrum } from './optimisation/spectrum.ts';
export type { Spectrum } from './optimisation/spectrum.ts';
export { correlation } from './vectors.ts';
