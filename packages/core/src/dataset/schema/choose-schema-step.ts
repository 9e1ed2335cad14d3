import type { ActiveRecord } from '../history/active-record.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';
import type { CopyState } from '../copy/copy-state.ts';

// How a schema comes to a new level while users work: additive migrations, the passive copies
// first, so that no change ever arrives at a copy that has no place for it (E8).

/** What is known when a copy's schema is looked at. */
export type SchemaQuestion = {
  readonly copy: CopyObservation;
  readonly state: CopyState;
  readonly record: ActiveRecord;
  /** The newest level that this release knows. */
  readonly newest: number;
  /** Levels of all other copies by the topology; undefined where nobody answers. */
  readonly others: readonly (number | undefined)[];
};

/** Migrate this copy, or take up the tables that the active one publishes by now. */
export type SchemaStep = 'migrate' | 'takeUpTables';

const passiveStates: ReadonlySet<CopyState> = new Set([
  'healthy',
  'catchingUp',
  'disconnected',
  'suspended',
]);

/** What a copy's schema needs next; undefined when nothing, or when others come first. */
export function chooseSchemaStep(question: SchemaQuestion): SchemaStep | undefined {
  const { copy, state, record, newest, others } = question;
  if (record.active === copy.store) {
    const isNext = others.every((level) => level !== undefined && level >= newest);
    return state === 'mounted' && copy.migration < newest && isNext ? 'migrate' : undefined;
  }
  if (passiveStates.has(state) && copy.migration < newest) return 'migrate';
  return isMissingTables(question) ? 'takeUpTables' : undefined;
}

/** Of one level with the active copy, and following other tables than it publishes (E8). */
function isMissingTables({ copy, state, record }: SchemaQuestion): boolean {
  const { heartbeat, following } = copy;
  if (state !== 'catchingUp' || following?.isConnected !== true) return false;
  if (heartbeat === undefined || heartbeat.generation !== record.generation) return false;
  return heartbeat.migration === copy.migration && heartbeat.tablesHash !== copy.tablesHash;
}
