import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type DeploymentStatus, endpoints, hashOperatorToken } from '@understudy/api';
import { asGeneration, asServer, newestDecisions, type ServerName } from '@understudy/core';
import { aPoolRecord, names } from '@understudy/core/testing';
import { notLooked } from '../../agent-memory.ts';
import { type TwoSites, twoSites } from '../../testing/two-sites.ts';
import { createOperatorApp } from './create-operator-app.ts';

const token = 'a-token-of-the-test';
const authorization = `Bearer ${token}`;

function anApi({ east, topology }: TwoSites) {
  const forwarded: string[] = [];
  const app = createOperatorApp({
    agent: east,
    topology,
    topologyHash: 'hash',
    version: 'test',
    operators: [{ name: 'ada', tokenHash: hashOperatorToken(token) }],
    log: { say: () => {} },
    roles: {
      forward: async ({ method, path }) => {
        forwarded.push(`${method} ${path}`);
        return { status: 200, headers: {}, body: Readable.from([Buffer.from('{"users":[]}')]) };
      },
    },
  });
  return { app, forwarded };
}

/** Asks while the simulated clock is turned, for the agent behind the API lives by it. */
async function ask(sites: TwoSites, asked: { path: string; method?: string; body?: unknown }) {
  const { app, forwarded } = anApi(sites);
  const { path, method = 'GET', body } = asked;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await app.request(path, { method, headers: { authorization }, ...sent });
  const text = await answer.text();
  return { answer, forwarded, json: (text === '' ? undefined : JSON.parse(text)) as never };
}

test('without a known token every endpoint answers 401 and does nothing', async () => {
  const sites = await twoSites();
  const { app, forwarded } = anApi(sites);
  const paths = Object.values(endpoints).map(({ method, path }) => ({ method, path }));
  const others = ['/', '/v1/openapi.json', '/peer/report', '/v1/nothing'];
  const all = [...paths, ...others.map((path) => ({ method: 'GET', path }))];
  for (const { method, path } of all) {
    for (const given of ['', 'Bearer wrong', token]) {
      const headers = { authorization: given };
      const answer = await app.request(path, { method, headers });
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
  }
  assert.deepEqual(forwarded, []);
});

test('every endpoint of the table is served, and its answer is what the schema says', async () => {
  const sites = await twoSites();
  for (const name of ['hello', 'status', 'backup', 'listRuns'] as const) {
    const { answer, json } = await ask(sites, { path: endpoints[name].path });
    assert.equal(answer.status, 200, name);
    assert.ok(endpoints[name].answer.safeParse(json).success, name);
  }
  assert.equal((await ask(sites, { path: '/v1/openapi.json' })).answer.status, 200);
});

test('an agent that cannot read its own runs tells what its partners know', async () => {
  const sites = await twoSites();
  const broken = { ...sites.east, runs: () => Promise.reject(new Error('permission denied')) };
  const { answer, json } = await ask({ ...sites, east: broken }, { path: '/v1/status' });
  assert.equal(answer.status, 200);
  assert.ok(endpoints.status.answer.safeParse(json).success);
});

test('what was not looked at yet is not said to be missing or dismounted', async () => {
  const sites = await twoSites();
  const seen = await sites.east.inventory();
  const inventory = async (about: Partial<typeof seen>) => ({ ...seen, ...about });
  const sentence = async (about: Partial<typeof seen>) => {
    const east = { ...sites.east, inventory: () => inventory(about) };
    const { json } = await ask({ ...sites, east }, { path: '/v1/status' });
    return (json as { sentence: string }).sentence;
  };
  const reports = seen.reports.map((report) => ({ ...report, verdict: notLooked, copies: [] }));
  const starting = await sentence({ reports, decisions: [] });
  assert.match(starting, /^east-1 has just started and has not looked around yet; /);
  assert.match(starting, /nobody who answers knows pool east yet/);
  assert.doesNotMatch(starting, /not born/);
  assert.match(
    await sentence({ decisions: [] }),
    /pool east is not born yet: understudy up --init/,
  );
});

test('a store or a role that is down is named first, not only what its copies are', async () => {
  const sites = await twoSites();
  const seen = await sites.east.inventory();
  const reports = seen.reports.map((report) => ({
    ...report,
    verdict: 'looked',
    stores: report.stores.map((each) => ({ ...each, isUp: each.store !== names.eastStore })),
    roles: [{ role: 'registrar', isUp: report.server !== names.westServer, pools: [] }],
  }));
  const east = { ...sites.east, inventory: async () => ({ ...seen, reports }) };
  const { json } = await ask({ ...sites, east }, { path: '/v1/status' });
  const { sentence } = json as { sentence: string };
  assert.match(sentence, /^east-store is down; the registrar of west-1 is down/);
});

test('a pool whose data is not where its state says is told of, with what mends it', async () => {
  const sites = await twoSites();
  const seen = await sites.east.inventory();
  const generation = asGeneration(9);
  const over = aPoolRecord({ state: 'failedOver', serving: names.westPool, generation });
  const decisions = newestDecisions(seen.decisions, [over]);
  const east = { ...sites.east, inventory: async () => ({ ...seen, decisions }) };
  const { json } = await ask({ ...sites, east }, { path: '/v1/status' });
  const { sentence } = json as { sentence: string };
  assert.match(sentence, /east is failedOver, but .*: understudy pool set-state east Active/);
});

test('the status holds no database URL and no secret', async () => {
  const sites = await twoSites();
  const { json } = await ask(sites, { path: '/v1/status' });
  assert.doesNotMatch(JSON.stringify(json), /fake:\/\/|postgres(ql)?:\/\/|password/);
});

test('what another agent has to do is sent there with 307', async () => {
  const sites = await twoSites();
  const dataset = names.usersEast;
  const path = `/v1/datasets/${dataset}/suspend`;
  const { answer } = await ask(sites, { path, method: 'POST', body: { why: 'test' } });
  assert.equal(answer.status, 307);
  assert.match(answer.headers.get('location') ?? '', new RegExp(`${path}$`));
});

test('a refused plan is answered by who would lead, unless that is silent', async () => {
  const sites = await twoSites();
  // By force while the source answers: refused, and west-1 would lead it.
  const forced = { runbook: 'pool-failover', pool: 'east', mode: 'forced', isPartnerOff: true };
  const order = { path: '/v1/plans', method: 'POST', body: forced };
  assert.equal((await ask(sites, order)).answer.status, 307);
  const begin = { ...order, path: '/v1/runs' };
  assert.equal((await ask(sites, begin)).answer.status, 307);
  sites.silent.add(names.westServer);
  await sites.rounds(3);
  const here = await ask(sites, order);
  assert.equal(here.answer.status, 200);
  const { plan, leader } = here.json as { plan: unknown; leader: string };
  assert.deepEqual([plan, leader], [null, names.westServer]);
  assert.equal((await ask(sites, begin)).answer.status, 409);
});

test('users are administered by the role that has their dataset mounted', async () => {
  const sites = await twoSites();
  const here = await ask(sites, { path: '/v1/pools/east/users?limit=5' });
  assert.deepEqual(here.forwarded, ['GET /role/admin/pools/east/users?limit=5']);
  assert.equal((await ask(sites, { path: '/v1/pools/west/users' })).answer.status, 307);
});

test('a wrong body names what is wrong; an unknown dataset what would be right', async () => {
  const sites = await twoSites();
  const path = `/v1/datasets/${names.usersEast}/mount`;
  const wrong = await ask(sites, { path, method: 'POST', body: { isPartnerOff: 'yes' } });
  assert.equal(wrong.answer.status, 400);
  assert.match(JSON.stringify(wrong.json), /isPartnerOff/);
  const unknown = await ask(sites, {
    path: '/v1/datasets/nothing/mount',
    method: 'POST',
    body: {},
  });
  assert.equal(unknown.answer.status, 404);
  assert.match(JSON.stringify(unknown.json), /users-east, users-west/);
});

test('a rule that forbids is 409 with its code', async () => {
  const sites = await twoSites();
  sites.silent.add(names.westServer);
  sites.eastStore.crash();
  sites.eastStore.startAgain();
  await sites.rounds(3);
  const path = `/v1/datasets/${names.usersEast}/mount`;
  const { answer, json } = await ask(sites, { path, method: 'POST', body: {} });
  assert.equal(answer.status, 409);
  assert.match(JSON.stringify(json), /"code":"rule".*--partner-is-off/);
});

test('a registrar that serves is stopped on that word only, and stays so', async () => {
  const sites = await twoSites();
  const path = '/v1/servers/east-1/services';
  const stop = { path: `${path}/stop`, method: 'POST' };
  const refused = await ask(sites, { ...stop, body: {} });
  assert.equal(refused.answer.status, 409);
  assert.match(JSON.stringify(refused.json), /"servesUsers".*east-1 serves the users of 1 pool/);
  const stopped = await ask(sites, { ...stop, body: { isServingFine: true, why: 'new memory' } });
  assert.equal(stopped.answer.status, 200);
  await sites.rounds(4);
  const { roles } = await sites.east.report();
  assert.deepEqual(
    roles.map(({ isUp, stopped: word }) => [isUp, word]),
    [[false, 'ada stopped it: new memory']],
  );
  assert.equal((await ask(sites, { path: `${path}/start`, method: 'POST' })).answer.status, 200);
  assert.equal((await sites.east.report()).roles[0]?.isUp, true);
});

test('the last server of a pool is not drained; its own agent decides', async () => {
  const sites = await twoSites();
  const drain = (server: string) =>
    ask(sites, { path: `/v1/servers/${server}/drain`, method: 'POST', body: { why: 'new disks' } });
  const refused = await drain('east-1');
  assert.equal(refused.answer.status, 409);
  assert.match(JSON.stringify(refused.json), /"lastServer".*no other server of pool east/);
  assert.equal((await drain('west-1')).answer.status, 307);
  assert.equal((await drain('wets-1')).answer.status, 404);
});

test('services are started by their own agent; an unknown server is said so', async () => {
  const sites = await twoSites();
  const start = (server: string) => ({ path: `/v1/servers/${server}/services/start` });
  assert.equal((await ask(sites, { ...start('west-1'), method: 'POST' })).answer.status, 307);
  const unknown = await ask(sites, { ...start('wets-1'), method: 'POST' });
  assert.equal(unknown.answer.status, 404);
  assert.match(JSON.stringify(unknown.json), /did you mean west-1/);
});

test('a block is asked of the agent that has the copy, and the status tells of it', async () => {
  const sites = await twoSites();
  const path = `/v1/datasets/${names.usersEast}/block`;
  const block = (store: string) =>
    ask(sites, { path, method: 'POST', body: { store, why: 'new disks' } });
  assert.equal((await block(names.westStore)).answer.status, 307);
  const unknown = await block('nowhere');
  assert.equal(unknown.answer.status, 400);
  assert.match(JSON.stringify(unknown.json), /name one of east-store, west-store/);
  assert.equal((await block(names.eastStore)).answer.status, 200);
  await sites.clock.finish(
    sites.west.serverByWord.block({ server: names.westServer, why: 'a new switch' }),
  );
  const { json } = await ask(sites, { path: '/v1/status' });
  const { sentence, choices } = json as Pick<DeploymentStatus, 'sentence' | 'choices'>;
  assert.match(sentence, /users-east on east-store is blocked \(new disks\)/);
  assert.match(sentence, /activation is blocked on west-1 \(a new switch\)/);
  assert.deepEqual(
    choices[0]?.notChosen.map(({ reason }) => reason),
    ['active', 'activationBlocked'],
  );
});

test('a member that left the topology can be stopped by its name, and nothing else', async () => {
  const sites = await twoSites({}, { isVoted: true });
  const seen = await sites.east.inventory();
  const reports = seen.reports.map((report) => {
    const { votes } = report;
    if (votes === undefined) return report;
    const started = [...votes.membership.started, asServer('north-1')];
    return { ...report, votes: { ...votes, membership: { ...votes.membership, started } } };
  });
  const asked: (readonly ServerName[])[] = [];
  const groupByWord: typeof sites.east.groupByWord = {
    ...sites.east.groupByWord,
    plan: async ({ servers }) => {
      asked.push(servers);
      return { words: [], findings: [], fencings: [], leader: names.eastServer };
    },
  };
  const east = { ...sites.east, inventory: async () => ({ ...seen, reports }), groupByWord };
  const change = async (act: string, servers: readonly string[]) => {
    const body = { act, servers, isWhatIf: true };
    const { json } = await ask({ ...sites, east }, { path: '/v1/group', method: 'POST', body });
    return (json as { error?: { what: string } }).error?.what;
  };
  await change('stop', ['north-1']);
  assert.deepEqual(asked, [['north-1']]);
  for (const act of ['start', 'restore']) {
    assert.match((await change(act, ['north-1'])) ?? '', /north-1 no more: it can only be stopped/);
  }
  assert.match((await change('stop', ['south-1'])) ?? '', /there is no server south-1/);
  assert.equal(asked.length, 1);
});

test('a block is decided where the copy is, and elsewhere while that place is down', async () => {
  const sites = await twoSites();
  const seen = await sites.east.inventory();
  const { usersEast, westServer, eastStore, westStore } = names;
  const path = `/v1/datasets/${usersEast}/block`;
  const block = async (store: string, down: { server?: string; store?: string } = {}) => {
    const reports = seen.reports
      .filter(({ server }) => server !== down.server)
      .map((report) => ({
        ...report,
        stores: report.stores.map((each) => ({ ...each, isUp: each.store !== down.store })),
      }));
    const byWord = { ...sites.east.byWord, block: async () => 'blocked' };
    const east = { ...sites.east, inventory: async () => ({ ...seen, reports }), byWord };
    const { answer } = await ask({ ...sites, east }, { path, method: 'POST', body: { store } });
    return [answer.status, answer.headers.get('location') ?? ''] as const;
  };
  assert.equal((await block(eastStore))[0], 200);
  assert.equal((await block(westStore))[0], 307);
  assert.equal((await block(westStore, { server: westServer }))[0], 200);
  assert.equal((await block(westStore, { store: westStore }))[0], 200);
  assert.equal((await block(eastStore, { store: eastStore }))[0], 307);
  assert.equal((await block('south-store'))[0], 400);
});
