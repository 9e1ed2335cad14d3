export * from './conformance-suite.ts';
export * from './control-store-suite.ts';
export * from './dataset-engine-suite.ts';
export type { ConformingStore, EngineSubject } from './engine-subject.ts';
export { type VoterSubject, voteStoreSuite } from './vote-store-suite.ts';
