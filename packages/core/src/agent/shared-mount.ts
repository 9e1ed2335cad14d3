import type { Generation } from '../generation.ts';
import type { DatasetId, DatasetName, PoolName, ServerName } from '../ids.ts';
import type { GroupOwners } from '../pool/group-owners.ts';
import type { RoleLimited, RolePreparation } from './role-assignment.ts';

// A pool of several servers has one mount. The agent that holds it hands it on to the other servers
// of the pool, which ask for it without a pause (decisions/0033).

export type HandOnQuestion = {
  /** Who asks. */
  readonly server: ServerName;
  /** Its roles act by what they were told last: they can serve. */
  readonly isAnswering: boolean;
  /** What it has heard last; the answer waits for news of it, `waitMs` at most. */
  readonly heard?: { readonly life: string; readonly number: number };
  readonly waitMs: number;
  /** A passive copy there that this server's roles are to read ahead. */
  readonly ahead?: DatasetName;
};

export type HandOnAnswer = {
  /** Names the life of the agent that answers; its numbers grow within it. */
  readonly life: string;
  readonly number: number;
  readonly mounts: readonly SharedMount[];
  /** Pools in limited mode that are read from a copy there, and served beside the mounts. */
  readonly limited?: readonly SharedLimited[];
  readonly ahead?: Omit<RolePreparation, 'routingGroups'>;
};

export type SharedMount = {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  readonly pool: PoolName;
  readonly generation: Generation;
  /** Of the database user of roles. Secret: never logged. */
  readonly url: string;
  /** What is left of the mount when this is said; counted from when it was asked for (E12). */
  readonly remainsMs: number;
  readonly owners: GroupOwners;
  /** Servers of the pool whose roles have answered the holder lately. */
  readonly answering: readonly ServerName[];
};

export type SharedLimited = Omit<RoleLimited, 'deadlineMs'> & Pick<SharedMount, 'remainsMs'>;
