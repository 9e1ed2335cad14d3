import {
  fencingTimeoutMs,
  fencingWordLengthMax,
  fencingWordsMax,
  lossAgeMaxMs,
  type LimitName,
  limitTable,
  maxActiveMax,
  phoneDigests,
  phoneDigestsByDefault,
  poolUsersMax,
  portsBy,
  portUses,
  preferenceMax,
  routingGroupsMax,
  topologyNameLengthMax,
} from '@understudy/core';
import { z } from 'zod';

// The shape of a topology file. What it says together (pairings, room, ports) is judged by
// checkTopology in core; descriptions go into the JSON Schema that editors show.

const name = (about: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .max(topologyNameLengthMax)
    .describe(about);
const port = (about: string) => z.int().min(0).max(65_535).default(0).describe(about);

/** How many entries a list may have: far beyond a deployment, well within what can be checked. */
export const entriesMax = 500;

const fencingSchema = z
  .strictObject({
    command: z
      .array(z.string().max(fencingWordLengthMax))
      .max(fencingWordsMax)
      .describe(
        'program, with its whole path, and arguments; no shell reads them, and what stands here ' +
          'is printed. Exit status 0 says that the site is off.',
      ),
    timeoutMs: z
      .int()
      .min(fencingTimeoutMs.min)
      .max(fencingTimeoutMs.max)
      .default(fencingTimeoutMs.default)
      .describe(
        'how long it may take, in milliseconds; after that it is killed and proves nothing',
      ),
    expect: z
      .string()
      .max(fencingWordLengthMax)
      .exactOptional()
      .describe('what a line of its output must contain; * stands for anything'),
  })
  .exactOptional()
  .describe('a command of yours that proves that the site is off; run by agents of other sites');

const siteSchema = z.strictObject({
  name: name('name of the site (a datacenter)'),
  fencing: fencingSchema,
});

const pemFile = (what: string) =>
  z.string().min(1).max(1024).describe(`file of the ${what}, in PEM`);

const activation = (about: string) =>
  z.enum(['allowed', 'blocked']).exactOptional().describe(`${about}; default: allowed`);

const serverSchema = z.strictObject({
  name: name('name of the server; one agent runs on it'),
  site: name('site that the server stands in'),
  address: z
    .string()
    .max(253)
    .default('127.0.0.1')
    .describe('host name or IP address by which other servers and users reach it'),
  ports: z
    .strictObject(
      portsBy((use) => port(`${portUses[use]}; 0 asks the system once and keeps the answer`)),
    )
    .prefault({})
    .describe('ports of the server; all are asked from the system when left out'),
  tls: z
    .strictObject({
      certificate: pemFile('certificate chain'),
      key: pemFile('private key'),
    })
    .optional()
    .describe('files in PEM with which phones may speak TLS; relative to the deployment folder'),
  activation: activation('blocked: no copy on this server is made active'),
  maxActive: z
    .int()
    .min(1)
    .max(maxActiveMax)
    .exactOptional()
    .describe('how many datasets may be active on the server at most; left out, any number'),
});

const storeSchema = z.strictObject({
  name: name('name of the store (one PostgreSQL instance)'),
  server: name('server whose agent looks after the store'),
  url: z
    .string()
    .max(2048)
    .optional()
    .describe(
      'PostgreSQL URL of a superuser; without it PostgreSQL is ' +
        'embedded. Across machines it needs sslmode=require or better.',
    ),
  port: port('port of an embedded store; 0 asks the system once'),
});

const poolSchema = z.strictObject({
  name: name('name of the pool'),
  servers: z
    .array(name('a server of the pool'))
    .max(entriesMax)
    .describe('servers of the pool; those of a paired pool lie in one site'),
  users: z
    .int()
    .min(1)
    .max(poolUsersMax)
    .default(100_000)
    .describe('how many users call the pool home at most'),
  userCapacity: z
    .int()
    .min(1)
    .max(2 * poolUsersMax)
    .optional()
    .describe("how many users its servers can serve, the partner's too; default: twice `users`"),
  routingGroups: z
    .int()
    .min(1)
    .max(routingGroupsMax)
    .default(8)
    .describe('into how many slices its users are divided; fixed at birth'),
  backupPool: name(
    'the pool that serves its users when its site is down; pairings are mutual',
  ).optional(),
});

const lossLimitSchema = z
  .union([
    z.enum(['lossless', 'good', 'best']),
    z.strictObject({ maxAgeMs: z.int().min(1).max(lossAgeMaxMs).describe('milliseconds') }),
  ])
  .default('good')
  .describe(
    'how much a forced failover may lose without asking: lossless (nothing), good (5 s old), ' +
      'best (60 s old), or maxAgeMs',
  );

const datasetSchema = z.strictObject({
  name: name('name of the dataset'),
  kind: z.literal('users').default('users').describe('what it holds'),
  pool: name('the pool whose users it holds'),
  lossLimit: lossLimitSchema,
  copies: z
    .array(
      z.strictObject({
        store: name('store that holds the copy'),
        preference: z
          .int()
          .min(1)
          .max(preferenceMax)
          .optional()
          .describe('1 is liked best; default: the place in this list'),
        activation: activation('blocked: this copy is never made active'),
        sync: z
          .boolean()
          .default(false)
          .describe('every acknowledged write waits for this copy, of the site of the best liked'),
      }),
    )
    .max(entriesMax)
    .describe('copies of the dataset, each on a store of its own'),
});

const votesSchema = z
  .strictObject({
    kind: z
      .enum(['postgres', 'etcd'])
      .default('postgres')
      .describe('postgres: the first store of each server votes; etcd: a cluster of it'),
    witness: z
      .strictObject({
        url: z
          .string()
          .max(2048)
          .optional()
          .describe(
            'PostgreSQL URL of a user that may make a schema in its database; without it the ' +
              'witness is embedded, for deployments on one machine',
          ),
        port: port('port of an embedded witness; 0 asks the system once'),
      })
      .optional()
      .describe('a further voter, on a machine of its own, while the servers are even in number'),
    endpoints: z
      .array(z.string().max(2048))
      .max(entriesMax)
      .default([])
      .describe("URLs of etcd's members, of kind etcd"),
  })
  .optional()
  .describe('who votes on which store may have a dataset mounted; left out, nobody does');

const limitsSchema = z
  .strictObject(
    Object.fromEntries(
      (Object.keys(limitTable) as LimitName[]).map((each) => {
        const { min, max, unit, about, default: byDefault } = limitTable[each];
        const described = `${about}, in ${unit}; default ${byDefault}`;
        return [each, z.int().min(min).max(max).optional().describe(described)];
      }),
    ),
  )
  .prefault({})
  .describe('changes of defaults and bounds; most deployments need none');

/** The topology file as people write it. */
export const topologyFileSchema = z
  .strictObject({
    name: name('name of the deployment').default('understudy'),
    domains: z
      .array(z.string().max(253))
      .max(entriesMax)
      .default(['example.test'])
      .describe('domains of the users; the first is the one that users sign in with'),
    phoneDigests: z
      .array(z.enum(phoneDigests))
      .min(1)
      .max(phoneDigests.length)
      .default([...phoneDigestsByDefault])
      .describe('digest algorithms that phones are challenged for, in this order (RFC 8760)'),
    phoneDigestsOverTls: z
      .array(z.enum(phoneDigests))
      .min(1)
      .max(phoneDigests.length)
      .exactOptional()
      .describe('the same for phones that speak TLS; as `phoneDigests` where it is left out'),
    sites: z.array(siteSchema).max(entriesMax).describe('datacenters'),
    servers: z.array(serverSchema).max(entriesMax).describe('machines, one agent each'),
    stores: z.array(storeSchema).max(entriesMax).describe('PostgreSQL instances'),
    pools: z.array(poolSchema).max(entriesMax).describe('servers that serve users together'),
    datasets: z.array(datasetSchema).max(entriesMax).describe('data with one writer at a time'),
    votes: votesSchema,
    limits: limitsSchema,
  })
  .describe('Topology of an Understudy deployment');
