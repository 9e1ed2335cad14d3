import { z } from 'zod';
import {
  copyBody,
  dismountBody,
  doneAnswer,
  drainBody,
  mountBody,
  moveBody,
  poolStateBody,
  stopServicesBody,
  verifyAnswer,
} from '../dataset.ts';
import { ledgerAnswer, ledgerQuery, resolveBody } from '../ledger.ts';
import {
  approveBody,
  planAnswer,
  runDetailAnswer,
  runListAnswer,
  runRequestBody,
  runStartedAnswer,
  startRunBody,
} from '../run.ts';
import { agentHelloSchema, backupAnswer, deploymentStatusSchema } from '../status.ts';
import {
  importAnswer,
  importQuery,
  newUserBody,
  userDetailSchema,
  userPageAnswer,
  userPageQuery,
} from '../user.ts';

// Every endpoint of the operators' API, once: the agent serves this table, the client asks by it,
// and the OpenAPI document is made of it. Paths are written `/v1/pools/:pool` as Hono reads them.

export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly about: string;
  readonly query?: z.ZodType;
  /** A JSON body; `'csv'`: the body is text/csv and streamed. */
  readonly body?: z.ZodType | 'csv';
  readonly status: 200 | 202;
  readonly answer: z.ZodType;
  /** Longest wait for the answer; longer than the agent's own bound on the act. */
  readonly timeoutMs: number;
};

const second = 1000;
const quick = 10 * second;
const minute = 60 * second;

export const endpoints = {
  hello: {
    method: 'GET',
    path: '/v1/agent',
    about: 'Who answers here; cheap.',
    status: 200,
    answer: agentHelloSchema,
    timeoutMs: 2 * second,
  },
  status: {
    method: 'GET',
    path: '/v1/status',
    about: 'Sites, servers, stores, pools, datasets, quotes and runs, as this agent sees them.',
    status: 200,
    answer: deploymentStatusSchema,
    timeoutMs: quick,
  },
  init: {
    method: 'POST',
    path: '/v1/init',
    about: 'Birth (only `up --init`): this server creates the datasets that it prefers to hold.',
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  plan: {
    method: 'POST',
    path: '/v1/plans',
    about: 'The plan that would run now, with its findings. Nothing is done.',
    body: runRequestBody,
    status: 200,
    answer: planAnswer,
    timeoutMs: quick,
  },
  startRun: {
    method: 'POST',
    path: '/v1/runs',
    about: 'Plans and begins a run. 409 with the refusals; 307 to the agent that leads it.',
    body: startRunBody,
    status: 202,
    answer: runStartedAnswer,
    timeoutMs: minute,
  },
  listRuns: {
    method: 'GET',
    path: '/v1/runs',
    about: 'Runs of this deployment, newest first.',
    status: 200,
    answer: runListAnswer,
    timeoutMs: quick,
  },
  showRun: {
    method: 'GET',
    path: '/v1/runs/:id',
    about: 'A run and its journal: of its newest attempt only the lines above `after`.',
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    answer: runDetailAnswer,
    timeoutMs: quick,
  },
  resumeRun: {
    method: 'POST',
    path: '/v1/runs/:id/resume',
    about: 'Takes the run over under a higher attempt and goes on where the world stands.',
    status: 202,
    answer: runStartedAnswer,
    timeoutMs: minute,
  },
  cancelRun: {
    method: 'POST',
    path: '/v1/runs/:id/cancel',
    about: 'Ends the run and undoes what it did. 409 past the point of no return.',
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  approveRun: {
    method: 'POST',
    path: '/v1/runs/:id/approve',
    about: "An operator's yes to the step that the run waits for.",
    body: approveBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: quick,
  },
  setPoolState: {
    method: 'POST',
    path: '/v1/pools/:pool/state',
    about: 'Begins the run that leads to this state.',
    body: poolStateBody,
    status: 202,
    answer: runStartedAnswer,
    timeoutMs: minute,
  },
  backup: {
    method: 'GET',
    path: '/v1/backup',
    about: 'Per direction of each pairing: NonSteady, Steady, Final or Error, with lag.',
    query: z.object({ pool: z.string().exactOptional() }),
    status: 200,
    answer: backupAnswer,
    timeoutMs: quick,
  },
  mountDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/mount',
    about: 'Mounts the active copy again, where the rules let it.',
    body: mountBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  dismountDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/dismount',
    about: 'Closes the active copy to its users and keeps it closed until it is mounted.',
    body: dismountBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  moveDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/move',
    about: 'Planned switch of one dataset to another of its copies.',
    body: moveBody,
    status: 202,
    answer: runStartedAnswer,
    timeoutMs: minute,
  },
  seedDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/seed',
    about: 'Sets a passive copy aside and seeds it again from the active one.',
    body: copyBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  verifyDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/verify',
    about: 'Compares passive copies with the active one at the same transaction.',
    body: copyBody,
    status: 200,
    answer: verifyAnswer,
    timeoutMs: 60 * minute,
  },
  suspendDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/suspend',
    about: 'A passive copy stops following and keeps its slot until it is resumed.',
    body: copyBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  resumeDataset: {
    method: 'POST',
    path: '/v1/datasets/:dataset/resume',
    about: 'A suspended copy follows again from where it stopped.',
    body: copyBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  readLedger: {
    method: 'GET',
    path: '/v1/datasets/:dataset/ledger',
    about: 'The loss ledger: what lost sides held, by salvage, and a page of its entries.',
    query: ledgerQuery,
    status: 200,
    answer: ledgerAnswer,
    timeoutMs: quick,
  },
  resolveLedger: {
    method: 'POST',
    path: '/v1/datasets/:dataset/ledger/resolve',
    about: 'Notes what a person decided about entries that wait.',
    body: resolveBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: quick,
  },
  startServices: {
    method: 'POST',
    path: '/v1/servers/:server/services/start',
    about: "Starts a server's registrar, also after a word that kept it stopped.",
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  stopServices: {
    method: 'POST',
    path: '/v1/servers/:server/services/stop',
    about: "Stops a server's registrar until it is started; replication goes on.",
    body: stopServicesBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  drainServer: {
    method: 'POST',
    path: '/v1/servers/:server/drain',
    about: "Gives a server's routing groups to others of its pool, until it is undrained.",
    body: drainBody,
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  undrainServer: {
    method: 'POST',
    path: '/v1/servers/:server/undrain',
    about: 'A drained server serves its share again.',
    status: 200,
    answer: doneAnswer,
    timeoutMs: minute,
  },
  listUsers: {
    method: 'GET',
    path: '/v1/pools/:pool/users',
    about: 'Users whose home is the pool, in pages by name.',
    query: userPageQuery,
    status: 200,
    answer: userPageAnswer,
    timeoutMs: quick,
  },
  addUser: {
    method: 'POST',
    path: '/v1/pools/:pool/users',
    about: 'Adds a user.',
    body: newUserBody,
    status: 200,
    answer: userDetailSchema,
    timeoutMs: quick,
  },
  showUser: {
    method: 'GET',
    path: '/v1/pools/:pool/users/:user',
    about: 'One user.',
    status: 200,
    answer: userDetailSchema,
    timeoutMs: quick,
  },
  removeUser: {
    method: 'DELETE',
    path: '/v1/pools/:pool/users/:user',
    about: 'Removes a user with all that is theirs.',
    status: 200,
    answer: doneAnswer,
    timeoutMs: quick,
  },
  importUsers: {
    method: 'POST',
    path: '/v1/pools/:pool/users/import',
    about: 'All users of a CSV, or none: 422 names the bad lines.',
    query: importQuery,
    body: 'csv',
    status: 200,
    answer: importAnswer,
    // Of silence, and longer than the agent's own for its roles, which knows what is wrong.
    timeoutMs: 3 * minute,
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
