import type {
  ClockBounds,
  AgentReport,
  Coordination,
  DatasetId,
  DatasetName,
  Decision,
  Generation,
  GroupOwners,
  LimitedState,
  PoolName,
  RoleLimited,
  RoleReport,
  RunRow,
  ServerName,
  SharedMount,
  StoreIdentity,
  StoreName,
  StoreStart,
  SyncMark,
  SyncReport,
  WayBackMarks,
} from '@understudy/core';
import type { AgentParts } from './agent-parts.ts';
import type { StoreLook } from './observe/look-at-store.ts';
import { createHeartbeatWatch, type HeartbeatWatch } from './observe/watch-heartbeats.ts';
import { createOrderQueue, type OrderQueue } from './obey/order-queue.ts';
import { renewEveryMs } from './supervise/renew-every.ts';
import { createPictureNews, type PictureNews } from './supervise/picture-news.ts';
import { createPatience, type Patience } from './patience.ts';

/** A mount that this agent holds and renews. */
export type HeldMount = {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  readonly store: StoreName;
  readonly generation: Generation;
  /** Milliseconds since this server's boot: past it the roles answer nothing (E12). */
  readonly deadlineMs: number;
};

/** A mount that another server of the same pool holds, and that the roles here serve by too. */
export type SharedHold = {
  readonly holder: ServerName;
  readonly mount: SharedMount;
  /** As of a held one: milliseconds since this server's boot. */
  readonly deadlineMs: number;
};

/** What is remembered of a mount's synchronous copy (V7). */
export type SyncMemory = {
  readonly generation: Generation;
  readonly mark: SyncMark;
  /** Until when it is not waited for again, in ms since boot. */
  readonly restUntilMs: number;
  readonly report: SyncReport;
};

/** What was last heard of one partner. */
export type PartnerView = { readonly asked: number } & (
  | { readonly isSilent: false; readonly report: AgentReport }
  | { readonly isSilent: true; readonly why: string }
);

/** A store's own list of starts, and the last look that had begun when it was that. */
export type KnownStarts = { readonly list: readonly StoreStart[]; readonly begunBy: number };

/** Who a store was at a look, which is what this server tells of it from then on. */
export type ToldIdentity = {
  readonly identity: StoreIdentity;
  /** The look that saw it, and the last one that had begun when it ended. */
  readonly look: number;
  readonly begunAtEnd: number;
};

/** What an agent of a backup pool remembers of a pool that it may have to serve (L1). */
export type LimitedPool = {
  readonly state: LimitedState;
  readonly why: string;
  /** When limited mode began, by the wall clock. */
  readonly sinceMs: number;
  /** When a server of home last said that it serves the pool, in ms since boot. */
  readonly servedAtMs: number;
  /** Since when one has said so without a break; undefined while none does. */
  readonly servingSinceMs: number | undefined;
  /** Home is silent, and not for long enough yet. */
  readonly isAwaited: boolean;
  /** When limited mode ended because home was well, those of `returnsWithinMs`. */
  readonly returnsMs: readonly number[];
};

export type SharedLimitedHold = {
  readonly holder: ServerName;
  readonly limited: RoleLimited;
};

export type QueuedAt = {
  readonly servers: readonly ServerName[];
  /** Lasting changes are among it, which newer ones wait for. */
  readonly hasChanges: boolean;
};

/**
 * What an agent remembers between two cycles. All of it can be lost: a new agent looks at the
 * stores and asks its partners, and acts on nothing before it has.
 */
export type AgentMemory = {
  /** What a store's clock is compared with, by dataset and store (V3). */
  readonly clocks: Map<string, ClockBounds>;
  /** Names this life of the agent, so that roles know its numbers from those of the one before. */
  readonly life: string;
  readonly mounts: Map<DatasetName, HeldMount>;
  readonly shared: Map<DatasetName, SharedHold>;
  readonly sync: Map<DatasetName, SyncMemory>;
  /** Datasets whose gate was looked at by this life: none waits for a copy nobody names. */
  readonly isSyncSettled: Set<DatasetName>;
  /** Pools in limited mode whose copy another server of the pool has. */
  readonly sharedLimited: Map<PoolName, SharedLimitedHold>;
  /** The last news that each possible holder of a shared mount has told. */
  readonly heard: Map<ServerName, { readonly life: string; readonly number: number }>;
  /** Who owns the routing groups of what is mounted here. */
  readonly owners: Map<DatasetName, GroupOwners>;
  /** Servers whose roles answer, this one's too: since when and when last, in ms since boot. */
  readonly answering: Map<ServerName, { readonly sinceMs: number; readonly lastMs: number }>;
  /** When this life began, in milliseconds since boot. */
  readonly startedMs: number;
  /** Grows with all that the roles, here and at other servers of the pool, are to hear of. */
  readonly news: PictureNews;
  /** What the roles of this server said of themselves last. */
  roles: readonly RoleReport[];
  readonly partners: Map<ServerName, PartnerView>;
  /** Whether anything may be mounted since this life began (V5); undefined where nobody votes. */
  activation: Coordination | undefined;
  readonly heartbeats: HeartbeatWatch;
  readonly queue: OrderQueue;
  /** Remembers who hangs, so that one silent store holds nothing else up. */
  readonly patience: Patience;
  /** The last that could be read of the own control databases; they may be down now. */
  decisions: readonly Decision[];
  /** Of those, what may be missing in an own control database that could not be written. */
  unwritten: readonly Decision[];
  runs: readonly RunRow[];
  identities: readonly StoreIdentity[];
  /** Of those, what this life has written itself: what is read meanwhile may be older (E10). */
  readonly recorded: Map<StoreName, StoreIdentity>;
  /** The starts of PostgreSQL that each own store has in its list (E10). */
  readonly starts: Map<StoreName, KnownStarts>;
  /** The noting of a start that was begun last for each own store: one at a time. */
  readonly noting: Map<StoreName, Promise<unknown>>;
  /** Which incarnation each own store knows that it is (E10). */
  readonly incarnations: Map<StoreName, number>;
  /** Own stores whose control database was read at least once in this life. */
  readonly controlsRead: Set<StoreName>;
  /** What others may have heard of who each own store is (E10). */
  readonly told: Map<StoreName, ToldIdentity>;
  /** What the last cycle saw of each store. */
  stores: readonly StoreLook[];
  /** Highest attempt of each run that was seen here (E14). */
  readonly attempts: Map<string, number>;
  /** Counts rounds of questions, so that a late answer never replaces a newer one. */
  asks: number;
  /** Counts looks at this server, and which of those that have ended was begun last. */
  looks: number;
  newestLook: number;
  /** Last outcome of each dataset's own duty, for the sentence. */
  readonly outcomes: Map<DatasetName, string>;
  /** Stores that are not what others recorded of them, with the reason (E10). */
  takenBack: ReadonlyMap<StoreName, string>;
  /** How many rounds of questions had been asked when a partner's store was first found so. */
  readonly suspectedAtAsk: Map<StoreName, number>;
  readonly identityRecordedMs: Map<StoreName, number>;
  /** Pools that this server is backup of, as limited mode sees them. */
  readonly limited: Map<PoolName, LimitedPool>;
  /** Servers that hold what was queued for a pool in limited mode, as they last said. */
  readonly queuedAt: Map<PoolName, QueuedAt>;
  /** Since when what is queued for a pool is being carried here, in ms since boot. */
  readonly mergingSinceMs: Map<PoolName, number>;
  /** What is being decided here, and its end: leases are taken for it. */
  readonly deciding: Map<Decision, Promise<unknown>>;
  /** What this agent is in the middle of. */
  readonly doing: Map<DatasetName, 'seeding' | 'mounting' | 'dismounting'>;
  /** The copy that is being compared beside the cycle: one at a time on a server. */
  verifying: DatasetName | undefined;
  /** When a comparison was last begun, in milliseconds since boot: a failed one is not pressed. */
  readonly verifyBegunMs: Map<DatasetName, number>;
  /** When a schema was last brought on, in milliseconds since boot: what fails is not pressed. */
  readonly schemaTriedMs: Map<DatasetName, number>;
  /** Since when a copy awaits its former source, by dataset and store, in ms since boot. */
  readonly awaitingSinceMs: Map<string, number>;
  /** The same, since when it has not been connected to the active copy that it follows. */
  readonly unconnectedSinceMs: Map<string, number>;
  /** By the name of its link, what tells how far the slot for a further copy may move (A4). */
  readonly wayBackMarks: Map<string, WayBackMarks>;
  /** Copies of which no store could show what they lack, by dataset and store: since when, why. */
  readonly unshown: Map<string, { readonly since: Generation; readonly why: string }>;
  readonly applyErrors: Map<DatasetName, { readonly count: number; readonly grew: boolean }>;
  /** Until when this agent begins no `site-return` by itself, in milliseconds since boot. */
  returnNotBeforeMs: number | undefined;
  /** When unfinished runs were last taken up again, in milliseconds since boot. */
  runsResumedMs: number | undefined;
  /** False until a first look was taken: roles may serve what this life has not adopted yet. */
  isSettled: boolean;
  verdict: string;
};

/** What an agent says of itself before its first cycle has ended. */
export const notLooked = 'has just started and has not looked around yet';

export function createAgentMemory(
  life: string,
  { clock, topology }: Pick<AgentParts, 'clock' | 'topology'>,
): AgentMemory {
  return {
    life,
    mounts: new Map(),
    shared: new Map(),
    sync: new Map(),
    isSyncSettled: new Set(),
    sharedLimited: new Map(),
    heard: new Map(),
    owners: new Map(),
    answering: new Map(),
    startedMs: clock.bootMs(),
    news: createPictureNews(clock),
    roles: [],
    partners: new Map(),
    activation: undefined,
    heartbeats: createHeartbeatWatch(renewEveryMs(topology.limits)),
    queue: createOrderQueue(),
    patience: createPatience(clock),
    clocks: new Map(),
    decisions: [],
    unwritten: [],
    runs: [],
    identities: [],
    recorded: new Map(),
    starts: new Map(),
    noting: new Map(),
    incarnations: new Map(),
    controlsRead: new Set(),
    told: new Map(),
    stores: [],
    attempts: new Map(),
    asks: 0,
    looks: 0,
    newestLook: 0,
    outcomes: new Map(),
    takenBack: new Map(),
    suspectedAtAsk: new Map(),
    identityRecordedMs: new Map(),
    limited: new Map(),
    queuedAt: new Map(),
    mergingSinceMs: new Map(),
    deciding: new Map(),
    doing: new Map(),
    verifying: undefined,
    verifyBegunMs: new Map(),
    schemaTriedMs: new Map(),
    awaitingSinceMs: new Map(),
    unconnectedSinceMs: new Map(),
    wayBackMarks: new Map(),
    unshown: new Map(),
    applyErrors: new Map(),
    returnNotBeforeMs: undefined,
    runsResumedMs: undefined,
    isSettled: false,
    verdict: notLooked,
  };
}

/** `read` of the control database, with what this life has written there since it began. */
export function withRecorded(
  { recorded }: Pick<AgentMemory, 'recorded'>,
  read: readonly StoreIdentity[],
): readonly StoreIdentity[] {
  return [...read.filter(({ store }) => !recorded.has(store)), ...recorded.values()];
}
