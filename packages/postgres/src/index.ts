export {
  EmbeddedPostgresError,
  type EmbeddedPostgresErrorCode,
} from './embedded/embedded-postgres-error.ts';
export {
  findEmbeddedPostgres,
  removeEmbeddedPostgres,
  stopEmbeddedPostgres,
} from './embedded/remove-embedded-postgres.ts';
export { findSuperuserUrl, killEmbeddedPostgres } from './embedded/reach-store.ts';
export { findPrograms } from './embedded/binaries/find-programs.ts';
export { signalAll } from './embedded/process/signal-all.ts';
export { startEmbeddedWitness } from './embedded/embedded-witness.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/start-embedded-postgres.ts';
export {
  startTestPostgres,
  startTestPostgresPair,
  type TestPostgres,
  type TestPostgresOptions,
  type TestPostgresPair,
} from './embedded/start-test-postgres.ts';
export type { Settings, SettingValue } from './embedded/data/store-settings.ts';
export { gateShutCode, wrongIsolationCode } from './connect/engine-error.ts';
export {
  createPostgresControlStore,
  type PostgresControlStore,
  type PostgresControlStoreOptions,
} from './control/create-postgres-control-store.ts';
export { controlDatabase } from './control/open-control-database.ts';
export { examineStore } from './control/examine-store.ts';
export { type StoreOwner, storeOwner } from './control/store-owner.ts';
export {
  createPostgresEngine,
  type PostgresEngine,
  type PostgresEngineOptions,
} from './create-postgres-engine.ts';
export {
  createEmbeddedVoteStore,
  type EmbeddedVoteStoreOptions,
} from './votes/create-embedded-vote-store.ts';
export {
  createPostgresVoteStore,
  type PostgresVoteStore,
  type PostgresVoteStoreOptions,
} from './votes/create-postgres-vote-store.ts';
