import { agentRefusals, type RefusalCode } from '@understudy/core';
import { z } from 'zod';
import { poolName } from '../operator/names.ts';
import { queuedDoneSchema } from '../role-control/queue.ts';

// What agents say to each other: POST /peer/METHOD over HTTPS with TLS-PSK (decisions/0010). A body
// is the method's arguments as a list; an answer is a result, a refusal or a failure, and the
// three are never mixed: a refusal means that nothing was changed.

/** Raised when an agent of the former version could misread what is said. */
export const peerProtocolVersion = '1';
export const peerVersionHeader = 'understudy-protocol';
/** Largest body taken or given: an inventory of hundreds of copies fits. */
export const peerBodyBytesMax = 16 * 1024 * 1024;

export const peerMethods = [
  'report',
  'obey',
  'decide',
  'learn',
  'takeRun',
  'saveRun',
  'readRuns',
  'appendJournal',
  'readJournal',
  'handOn',
  'readQueued',
  'clearQueued',
  'vote',
] as const;
export type PeerMethod = (typeof peerMethods)[number];

const attempt = z.object({ run: z.string().min(1).max(100), attempt: z.int().min(1) });
const order = z.looseObject({
  kind: z.enum([
    'fence',
    'awaitMarker',
    'mount',
    'abortSwitch',
    'detach',
    'prepareWayBack',
    'dismount',
    'follow',
    'seed',
    'setAside',
    'salvage',
    'dropSetAside',
    'verify',
    'fenceSite',
    'setPoolState',
    'hydrate',
    'roles',
  ]),
  run: z.string().min(1).max(100),
  attempt: z.int().min(1),
});
const decision = z.looseObject({
  kind: z.enum(['active', 'pool', 'copy', 'server', 'site', 'group']),
  generation: z.int().min(0),
});
const runRow = z.looseObject({ id: z.string().min(1).max(100), attempt: z.int().min(1) });
const journalLine = z.looseObject({ run: z.string(), attempt: z.int(), number: z.int() });
const handOnQuestion = z.object({
  server: z.string().min(1).max(100),
  isAnswering: z.boolean(),
  heard: z.object({ life: z.string().max(100), number: z.int().min(0) }).exactOptional(),
  waitMs: z.number().min(0).max(60_000),
  ahead: z.string().max(100).exactOptional(),
});
const generation = z.int().min(0);
const voteRecord = z.strictObject({
  dataset: z.string().min(1).max(100),
  generation,
  holder: z.string().min(1).max(100),
  leaseMs: z.int().min(1),
  renewals: z.int().min(1),
  isReleased: z.boolean(),
  tried: generation,
  inSync: z.string().min(1).max(100).optional(),
});
const serverNames = z.array(z.string().max(100)).max(1_000);
const membership = z.strictObject({
  generation: z.int().min(0),
  started: serverNames,
  stopped: serverNames,
  untouched: serverNames.exactOptional(),
  witness: z.string().max(100).exactOptional(),
  witnessAt: z.string().max(4_000).exactOptional(),
  cluster: z.string().max(100).exactOptional(),
  former: z
    .strictObject({ generation: z.int().min(0), voters: z.array(z.string().max(100)).max(1_000) })
    .exactOptional(),
});
const voteQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read'), dataset: z.string().min(1).max(100) }),
  z.strictObject({
    kind: z.literal('set'),
    expected: voteRecord.optional(),
    next: voteRecord,
  }),
  z.strictObject({ kind: z.literal('look') }),
  z.strictObject({ kind: z.literal('changeMembership'), next: membership }),
]);
const optionalNumber = z.int().min(0).nullable();

/** Arguments of each method. JSON has no undefined: an absent expectation is `null`. */
export const peerArguments = {
  report: z.tuple([]),
  obey: z.tuple([order]),
  decide: z.tuple([decision, optionalNumber, attempt.nullable().optional()]),
  learn: z.tuple([z.array(decision).max(10_000)]),
  takeRun: z.tuple([runRow, optionalNumber]),
  saveRun: z.tuple([runRow]),
  readRuns: z.tuple([]),
  appendJournal: z.tuple([z.array(journalLine).max(10_000)]),
  readJournal: z.tuple([z.string().max(100)]),
  handOn: z.tuple([handOnQuestion]),
  readQueued: z.tuple([poolName]),
  clearQueued: z.tuple([poolName, queuedDoneSchema]),
  vote: z.tuple([voteQuestion]),
} as const satisfies Record<PeerMethod, z.ZodType>;

export const refusalSchema = z.object({
  code: z.enum(Object.keys(agentRefusals) as [RefusalCode, ...RefusalCode[]]),
  why: z.string(),
});

/** Every answer of a peer has one of these three shapes. */
export const peerAnswerSchema = z.union([
  z.object({ refusal: refusalSchema }),
  z.object({ failure: z.string() }),
  z.object({ result: z.unknown() }),
]);
export type PeerAnswer = z.infer<typeof peerAnswerSchema>;
