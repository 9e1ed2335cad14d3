import {
  type Activation,
  asDataset,
  asPool,
  asServer,
  asSite,
  asStore,
  type Dataset,
  defaultLimits,
  type Fencing,
  fencingTimeoutMs,
  type LimitName,
  type Limits,
  limitTable,
  phoneDigests,
  type PhoneDigest,
  phoneDigestsByDefault,
  portsBy,
  type LossLimit,
  type Pool,
  type Server,
  type Site,
  type Store,
  type Topology,
  type Votes,
} from '@understudy/core';
import { entriesMax } from './topology-schema.ts';

// The file's value as a topology with all defaults. It is made of a value with mistakes as well:
// what is missing or of the wrong kind becomes an empty name or the default, so that the checks
// can look at all the rest and every mistake is said at once.

/** Makes a topology of whatever the file holds; never throws. */
export function draftTopology(value: unknown): Topology {
  const file = mapping(value);
  return {
    name: text(file['name'], 'understudy'),
    domains: file['domains'] === undefined ? ['example.test'] : list(file['domains']).map(name),
    phoneDigests: draftDigests(file['phoneDigests']),
    ...(file['phoneDigestsOverTls'] !== undefined && {
      phoneDigestsOverTls: draftDigests(file['phoneDigestsOverTls']),
    }),
    sites: list(file['sites']).map(draftSite),
    servers: list(file['servers']).map(draftServer),
    stores: list(file['stores']).map(draftStore),
    pools: list(file['pools']).map(draftPool),
    datasets: list(file['datasets']).map(draftDataset),
    ...(file['votes'] !== undefined && { votes: draftVotes(mapping(file['votes'])) }),
    limits: draftLimits(file['limits']),
  };
}

function draftDigests(value: unknown): Topology['phoneDigests'] {
  if (value === undefined) return phoneDigestsByDefault;
  const isKnown = (each: unknown) => phoneDigests.some((known) => known === each);
  return [...new Set(list(value))].filter((each): each is PhoneDigest => isKnown(each));
}

function draftSite(value: unknown): Site {
  const site = mapping(value);
  return {
    name: asSite(name(site['name'])),
    ...(site['fencing'] !== undefined && { fencing: draftFencing(mapping(site['fencing'])) }),
  };
}

function draftFencing(fencing: Readonly<Record<string, unknown>>): Fencing {
  const { expect } = fencing;
  return {
    command: list(fencing['command']).map(name),
    timeoutMs: number(fencing['timeoutMs'], fencingTimeoutMs.default),
    ...(typeof expect === 'string' && { expect }),
  };
}

function draftServer(value: unknown): Server {
  const server = mapping(value);
  const ports = mapping(server['ports']);
  return {
    name: asServer(name(server['name'])),
    site: asSite(name(server['site'])),
    address: text(server['address'], '127.0.0.1'),
    ports: portsBy((use) => number(ports[use], 0)),
    ...(server['tls'] !== undefined && { tls: draftTls(mapping(server['tls'])) }),
    ...draftActivation(server['activation']),
    ...(typeof server['maxActive'] === 'number' && { maxActive: server['maxActive'] }),
  };
}

function draftTls(tls: Readonly<Record<string, unknown>>): NonNullable<Server['tls']> {
  return { certificate: text(tls['certificate'], ''), key: text(tls['key'], '') };
}

function draftStore(value: unknown): Store {
  const store = mapping(value);
  const url = store['url'];
  return {
    name: asStore(name(store['name'])),
    server: asServer(name(store['server'])),
    kind: url === undefined ? 'embedded' : 'url',
    ...(typeof url === 'string' ? { url } : {}),
    port: number(store['port'], 0),
  };
}

function draftPool(value: unknown): Pool {
  const pool = mapping(value);
  const users = number(pool['users'], 100_000);
  const backupPool = pool['backupPool'];
  return {
    name: asPool(name(pool['name'])),
    servers: list(pool['servers']).map((server) => asServer(name(server))),
    users,
    userCapacity: number(pool['userCapacity'], 2 * users),
    routingGroups: number(pool['routingGroups'], 8),
    ...(backupPool === undefined ? {} : { backupPool: asPool(name(backupPool)) }),
  };
}

function draftDataset(value: unknown): Dataset {
  const dataset = mapping(value);
  return {
    name: asDataset(name(dataset['name'])),
    kind: 'users',
    pool: asPool(name(dataset['pool'])),
    copies: list(dataset['copies']).map((each, index) => {
      const copy = mapping(each);
      const preference = number(copy['preference'], index + 1);
      const activation = draftActivation(copy['activation']);
      const sync = copy['sync'] === true ? ({ sync: true } as const) : {};
      return { store: asStore(name(copy['store'])), preference, ...activation, ...sync };
    }),
    lossLimit: draftLossLimit(dataset['lossLimit']),
  };
}

function draftActivation(value: unknown): { readonly activation?: Activation } {
  return value === 'allowed' || value === 'blocked' ? { activation: value } : {};
}

function draftVotes(votes: Readonly<Record<string, unknown>>): Votes {
  const { url, port } = mapping(votes['witness']);
  const witness = {
    ...(typeof url === 'string' ? { url } : {}),
    port: number(port, 0),
  };
  return {
    kind: votes['kind'] === 'etcd' ? 'etcd' : 'postgres',
    ...(votes['witness'] === undefined ? {} : { witness }),
    endpoints: list(votes['endpoints']).map(name),
  };
}

function draftLossLimit(value: unknown): LossLimit {
  if (value === 'lossless' || value === 'best') return value;
  const { maxAgeMs } = mapping(value);
  return typeof maxAgeMs === 'number' ? { maxAgeMs } : 'good';
}

function draftLimits(value: unknown): Limits {
  const given = mapping(value);
  const names = Object.keys(limitTable) as LimitName[];
  return Object.fromEntries(
    names.map((each) => [each, number(given[each], defaultLimits[each])]),
  ) as Limits;
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Entries beyond what the schema allows are a mistake already and are not looked at. */
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, entriesMax) : [];
}

function text(value: unknown, byDefault: string): string {
  return typeof value === 'string' ? value : byDefault;
}

/** A number written as a name is wrong, but others may mean it: it keeps its digits. */
function name(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function number(value: unknown, byDefault: number): number {
  return typeof value === 'number' ? value : byDefault;
}
