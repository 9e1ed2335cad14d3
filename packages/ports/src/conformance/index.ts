export { type CommandSubject, type CommandThat, commandSuite } from './command-suite.ts';
export * from './conformance-suite.ts';
export * from './control-store-suite.ts';
export * from './dataset-engine-suite.ts';
export type { ConformingStore, EngineSubject } from './engine-subject.ts';
export { type FaultyWay, startFaultyWay, type Way } from './faulty-way.ts';
export { aRecord } from './voter-records.ts';
export { voteStoreSuite } from './vote-store-suite.ts';
export type { VoterSubject } from './voter-subject.ts';
