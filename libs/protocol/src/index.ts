export { messageEvent, parseClientMessage, parseServerMessage, protocolVersion } from './codec.ts';
export { clientMessageSchema, levelSeedSchema } from './client.ts';
export type { ClientMessage, ClientMessageInput } from './client.ts';
export { errorCodes, serverMessageSchema } from './server.ts';
export { mostPanes } from './companion.ts';
export { actionsFrom, actionsToText, parseFeaturesFile } from './features.ts';
export type { Bank, FeaturePicture, FeaturesFile, LayerFeatures } from './features.ts';
export type { Companion, CompanionRequest } from './companion.ts';
export type { End } from './end.ts';
export type {
  ErrorCode,
  ErrorMessage,
  FactorReadingsMessage,
  FeaturePictureMessage,
  FeaturesMessage,
  FrameMessage,
  HelloMessage,
  HistoryMessage,
  LayoutMessage,
  MeasuredMessage,
  RecordedMessage,
  ServerMessage,
  StateMessage,
  SupposedMessage,
  ThumbnailsMessage,
} from './server.ts';
export { actorSchema, editSchema } from './edit.ts';
export type { WireActor, WireEdit } from './edit.ts';
export { overlayRequestSchema } from './overlay.ts';
export type { Overlay, OverlayRequest } from './overlay.ts';
export type { EnvironmentInfo, Limits, MethodInfo, OptionInfo, PolicyInfo, TargetInfo } from './catalogue.ts';
export { describeMessages } from './jsonSchema.ts';
export type { MessageSchemas } from './jsonSchema.ts';
export { decodeScene, encodeLayout, encodeMoving, objectColumns } from './sceneCodec.ts';
export type { WireScene } from './sceneCodec.ts';
export type { Layout, Moving } from './scene.ts';
export { manifestSchema, parseManifest, recordingVersion } from './recording/manifest.ts';
export type { Manifest } from './recording/manifest.ts';
export { decodeEvents, encodeEvents, recordingEventSchema } from './recording/events.ts';
export type { RecordingEvent } from './recording/events.ts';
export { decodeSteps, encodeSteps } from './recording/steps.ts';
export type { RecordedStep } from './recording/steps.ts';
export type { Recording } from './recording/recording.ts';
export { infoOf, policyUploadSchema, recordingIdSchema, recordingInfoSchema } from './recording/info.ts';
export { recordingUploadSchema } from './recording/info.ts';
export type { PolicyUpload, RecordingInfo, RecordingUpload } from './recording/info.ts';
export { annotatedMap, mapValues } from './annotated/episode.ts';
export type { AnnotatedEpisode, AnnotatedFrame, AnnotatedLens, AnnotatedMap } from './annotated/episode.ts';
export { packAnnotated, unpackAnnotated } from './annotated/pack.ts';
export { annotatedDocument } from './annotated/document.ts';
export type { AnnotatedDocument } from './annotated/document.ts';
export { turnSchema } from './workbench.ts';
export type { FactorTurn, Thought } from './workbench.ts';
