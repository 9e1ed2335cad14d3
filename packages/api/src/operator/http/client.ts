import type { LedgerQuery, RunId } from '@understudy/core';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type Call, type CallerOptions, createCaller } from './call.ts';
import type {
  blockBody,
  copyBody,
  dismountBody,
  mountBody,
  moveBody,
  poolStateBody,
  drainBody,
  stopServicesBody,
} from '../dataset.ts';
import type { groupChangeBody } from '../group.ts';
import type { resolveBody } from '../ledger.ts';
import type { EndpointName, endpoints } from './endpoints.ts';
import type { approveBody, RunRequestBody, StartRunBody } from '../run.ts';
import type { NewUser } from '../user.ts';

type Answer<Name extends EndpointName> = Promise<z.output<(typeof endpoints)[Name]['answer']>>;

/** Everything that an operator can ask of an agent. Throws OperatorApiError or NoAnswerError. */
export type OperatorClient = {
  hello(): Answer<'hello'>;
  status(): Answer<'status'>;
  /** Birth of the datasets whose preferred copy is on the asked server (decisions/0008). */
  init(): Answer<'init'>;
  plan(request: RunRequestBody): Answer<'plan'>;
  startRun(request: StartRunBody): Answer<'startRun'>;
  listRuns(): Answer<'listRuns'>;
  /** Of the newest attempt only lines with a number above `after`. */
  showRun(run: RunId | string, after?: number): Answer<'showRun'>;
  resumeRun(run: string): Answer<'resumeRun'>;
  cancelRun(run: string): Answer<'cancelRun'>;
  approveRun(run: string, body?: z.input<typeof approveBody>): Answer<'approveRun'>;
  setPoolState(pool: string, body: z.input<typeof poolStateBody>): Answer<'setPoolState'>;
  backup(pool?: string): Answer<'backup'>;
  mountDataset(dataset: string, body?: z.input<typeof mountBody>): Answer<'mountDataset'>;
  dismountDataset(dataset: string, body?: z.input<typeof dismountBody>): Answer<'dismountDataset'>;
  moveDataset(dataset: string, body: z.input<typeof moveBody>): Answer<'moveDataset'>;
  seedDataset(dataset: string, body?: z.input<typeof copyBody>): Answer<'seedDataset'>;
  verifyDataset(dataset: string, body?: z.input<typeof copyBody>): Answer<'verifyDataset'>;
  suspendDataset(dataset: string, body?: z.input<typeof copyBody>): Answer<'suspendDataset'>;
  resumeDataset(dataset: string, body?: z.input<typeof copyBody>): Answer<'resumeDataset'>;
  blockDataset(dataset: string, body: z.input<typeof blockBody>): Answer<'blockDataset'>;
  unblockDataset(dataset: string, body: z.input<typeof blockBody>): Answer<'unblockDataset'>;
  readLedger(dataset: string, query?: LedgerRequest): Answer<'readLedger'>;
  resolveLedger(dataset: string, body: z.input<typeof resolveBody>): Answer<'resolveLedger'>;
  showGroup(): Answer<'showGroup'>;
  changeGroup(body: z.input<typeof groupChangeBody>): Answer<'changeGroup'>;
  startServices(server: string): Answer<'startServices'>;
  stopServices(server: string, body?: z.input<typeof stopServicesBody>): Answer<'stopServices'>;
  drainServer(server: string, body?: z.input<typeof drainBody>): Answer<'drainServer'>;
  undrainServer(server: string): Answer<'undrainServer'>;
  blockServer(server: string, body?: z.input<typeof drainBody>): Answer<'blockServer'>;
  unblockServer(server: string): Answer<'unblockServer'>;
  listUsers(pool: string, page?: UserPageRequest): Answer<'listUsers'>;
  addUser(pool: string, user: NewUser): Answer<'addUser'>;
  showUser(pool: string, user: string): Answer<'showUser'>;
  removeUser(pool: string, user: string): Answer<'removeUser'>;
  /** Streams the CSV; with the same `id` again nothing is done twice. */
  importUsers(
    pool: string,
    file: { readonly id: string; readonly csv: () => Readable },
  ): Answer<'importUsers'>;
};

/** `open`: only what waits for a person. */
export type LedgerRequest = Pick<LedgerQuery, 'id' | 'offset'> & { readonly open?: boolean };
export type UserPageRequest = { readonly after?: string; readonly limit?: number };

/** A client of one agent's API, or of whichever of several answers. Follows 307 to the leader. */
export function createOperatorClient(options: CallerOptions): OperatorClient {
  const call = createCaller(options);
  return {
    ...runCalls(call),
    ...poolCalls(call),
    ...serverCalls(call),
    ...datasetCalls(call),
    ...userCalls(call),
  };
}

function runCalls(call: Call) {
  return {
    hello: () => call('hello'),
    status: () => call('status'),
    init: () => call('init', { body: {} }),
    plan: (request: RunRequestBody) => call('plan', { body: request }),
    startRun: (request: StartRunBody) => call('startRun', { body: request }),
    listRuns: () => call('listRuns'),
    showRun: (id: string, after = 0) => call('showRun', { params: { id }, query: { after } }),
    resumeRun: (id: string) => call('resumeRun', { params: { id }, body: {} }),
    cancelRun: (id: string) => call('cancelRun', { params: { id }, body: {} }),
    approveRun: (id: string, body = {}) => call('approveRun', { params: { id }, body }),
  };
}

function poolCalls(call: Call) {
  return {
    setPoolState: (pool: string, body: z.input<typeof poolStateBody>) =>
      call('setPoolState', { params: { pool }, body }),
    backup: (pool?: string) => call('backup', { query: { pool } }),
  };
}

function serverCalls(call: Call) {
  return {
    showGroup: () => call('showGroup'),
    changeGroup: (body: z.input<typeof groupChangeBody>) => call('changeGroup', { body }),
    startServices: (server: string) => call('startServices', { params: { server } }),
    stopServices: (server: string, body = {}) => call('stopServices', { params: { server }, body }),
    drainServer: (server: string, body = {}) => call('drainServer', { params: { server }, body }),
    undrainServer: (server: string) => call('undrainServer', { params: { server } }),
    blockServer: (server: string, body = {}) => call('blockServer', { params: { server }, body }),
    unblockServer: (server: string) => call('unblockServer', { params: { server } }),
  };
}

function datasetCalls(call: Call) {
  return {
    mountDataset: (dataset: string, body = {}) =>
      call('mountDataset', { params: { dataset }, body }),
    dismountDataset: (dataset: string, body = {}) =>
      call('dismountDataset', { params: { dataset }, body }),
    moveDataset: (dataset: string, body: z.input<typeof moveBody>) =>
      call('moveDataset', { params: { dataset }, body }),
    seedDataset: (dataset: string, body = {}) => call('seedDataset', { params: { dataset }, body }),
    verifyDataset: (dataset: string, body = {}) =>
      call('verifyDataset', { params: { dataset }, body }),
    suspendDataset: (dataset: string, body = {}) =>
      call('suspendDataset', { params: { dataset }, body }),
    resumeDataset: (dataset: string, body = {}) =>
      call('resumeDataset', { params: { dataset }, body }),
    blockDataset: (dataset: string, body: z.input<typeof blockBody>) =>
      call('blockDataset', { params: { dataset }, body }),
    unblockDataset: (dataset: string, body: z.input<typeof blockBody>) =>
      call('unblockDataset', { params: { dataset }, body }),
    readLedger: (dataset: string, { open, ...rest }: LedgerRequest = {}) =>
      call('readLedger', {
        params: { dataset },
        query: { ...rest, open: open ? 'true' : undefined },
      }),
    resolveLedger: (dataset: string, body: z.input<typeof resolveBody>) =>
      call('resolveLedger', { params: { dataset }, body }),
  };
}

function userCalls(call: Call) {
  return {
    listUsers: (pool: string, page: UserPageRequest = {}) =>
      call('listUsers', { params: { pool }, query: { ...page } }),
    addUser: (pool: string, user: NewUser) => call('addUser', { params: { pool }, body: user }),
    showUser: (pool: string, user: string) => call('showUser', { params: { pool, user } }),
    removeUser: (pool: string, user: string) => call('removeUser', { params: { pool, user } }),
    importUsers: (pool: string, file: { readonly id: string; readonly csv: () => Readable }) =>
      call('importUsers', { params: { pool }, query: { id: file.id }, csv: file.csv }),
  };
}
