export * from './describe-control-store.ts';
export * from './describe-dataset-engine.ts';
export type { ConformingStore, EngineSubject } from './engine-subject.ts';
