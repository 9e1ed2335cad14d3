import type { BackupDirection, PublicServer } from '@understudy/api';
import {
  activeRecordOf,
  chooseBestCopies,
  type AgentReport,
  type CopyReport,
  counted,
  type Inventory,
  poolRecordOf,
  type RunSummary,
  type Server,
  type Topology,
  wordsOnContradiction,
} from '@understudy/core';
import { notLooked } from '../../agent-memory.ts';
import { newestRuns } from '../../observe/build-report.ts';
import { sentenceOf as sentenceOfLimited } from '../../supervise/limited-pools.ts';
import type { Handler, OperatorApi } from './operator-context.ts';

type Handlers = {
  readonly [Name in 'hello' | 'init' | 'status' | 'backup']: Handler<Name>;
};

export function statusHandlers(api: OperatorApi): Handlers {
  const { agent, topology, topologyHash, version } = api;
  return {
    hello: async ({ operator }) => ({
      name: topology.name,
      server: agent.server,
      version,
      topologyHash,
      operator,
    }),
    init: async () => ({ why: (await agent.init()).join('; ') }),
    async status() {
      // With its own control database down an agent still says what it sees, and why it is down.
      const [seen, asked] = await Promise.all([
        agent.inventory(),
        agent.runs().catch(() => undefined),
      ]);
      const runs = asked === undefined ? runsReported(seen) : newestRuns(asked);
      return {
        name: topology.name,
        topologyHash,
        topology: publicTopology(topology),
        observer: agent.server,
        agents: seen.reports,
        silent: seen.silent,
        decisions: seen.decisions,
        quotes: seen.quotes,
        choices: chooseBestCopies(seen),
        runs,
        sentence: sentenceOf(seen),
      };
    },
    async backup({ query }) {
      const seen = await agent.inventory();
      const all = backupDirections(seen);
      const { pool } = query ?? {};
      return { directions: all.filter(({ from, to }) => !pool || from === pool || to === pool) };
    },
  };
}

/** What the agents that answer remember of runs, each run once, as its last attempt. */
function runsReported({ reports }: Inventory): readonly RunSummary[] {
  const all = reports.flatMap(({ runs }) => runs);
  const newest = new Map<string, RunSummary>();
  for (const run of all.toSorted((left, right) => left.attempt - right.attempt)) {
    newest.set(run.id, run);
  }
  return [...newest.values()].toSorted((left, right) => right.startedAtMs - left.startedAtMs);
}

function publicServer({ name, site, address, ports, tls, ...rest }: Server): PublicServer {
  const phones = { sip: ports.sip, ...(tls !== undefined && { sips: ports.sips }) };
  return { name, site, address, ...(ports.sip !== 0 && { phones }), ...rest };
}

/** Without the stores' URLs: they hold passwords. */
function publicTopology(topology: Topology) {
  const { domains, sites, servers, stores, pools, datasets } = topology;
  return {
    domains,
    sites,
    servers: servers.map(publicServer),
    stores: stores.map(({ name, server, kind }) => ({ name, server, kind })),
    pools,
    datasets,
  };
}

/** In one sentence: what is down or short, pools away from home, copies not well, who is silent. */
function sentenceOf(seen: Inventory): string {
  const { topology, decisions, reports, silent } = seen;
  const starting = reports.filter(({ verdict }) => verdict === notLooked);
  // Before all have looked, and where one is silent, nobody can say that a thing does not exist.
  const isUnsure = starting.length > 0 || silent.length > 0;
  const away = topology.pools.flatMap((pool) => {
    const { name } = pool;
    const record = poolRecordOf(decisions, name);
    if (record === undefined && isUnsure) return [`nobody who answers knows pool ${name} yet`];
    if (record === undefined) return [`pool ${name} is not born yet: understudy up --init`];
    const contradiction = wordsOnContradiction(seen, pool);
    if (contradiction !== undefined) return [contradiction];
    return record.state === 'active' ? [] : [`pool ${name} is ${record.state}: ${record.why}`];
  });
  const looked = reports.filter(({ verdict }) => verdict !== notLooked); // Else it is no finding.
  const unwell = looked
    .flatMap(({ copies }) => copies)
    .filter(({ state }) => state !== 'mounted' && state !== 'healthy')
    .map(({ dataset, store, state, why }) => `${dataset} on ${store} is ${state} (${why})`);
  const unheard = silent.map(({ server }) => `${server} is silent`);
  const begun = starting.map(({ server, verdict }) => `${server} ${verdict}`);
  const shortages = reports.flatMap(({ stores }) => stores.flatMap((each) => each.shortage ?? []));
  const limited = reports.flatMap((report) =>
    (report.limited ?? []).map((each) => {
      const words = sentenceOfLimited(each.pool, { to: each.state, why: each.why });
      return `${words} (${report.server} serves it)`;
    }),
  );
  const down = looked.flatMap(partsDown);
  const voteless = reports.flatMap(({ server, votes }) =>
    (votes?.voters ?? [])
      .filter(({ isSilent }) => isSilent)
      .map(({ voter }) => `${server} gets no vote from ${voter}`),
  );
  const broken = [
    ...unwell,
    ...outOfSync(looked),
    ...shortages,
    ...unheard,
    ...voteless,
    ...groupWords(looked),
  ];
  const waiting = conflictsIn(looked);
  const words = [...begun, ...wordsToTakeBack(decisions), ...down, ...away, ...limited];
  const all = [...words, ...broken, ...waiting];
  if (all.length > 0) return all.join('; ');
  return 'every pool is served at home and every copy is healthy';
}

/** Told by the active copies: nothing of them is lossless meanwhile (V7). */
function outOfSync(reports: readonly AgentReport[]): readonly string[] {
  return reports
    .flatMap(({ copies }) => copies)
    .flatMap(({ dataset, sync }) =>
      sync === undefined || sync.isInSync
        ? []
        : [`${dataset} on ${sync.copy} is not in sync (${sync.why})`],
    );
}

/** Who is off the count, and who waits for others before it mounts anything (V5). */
function groupWords(reports: readonly AgentReport[]): readonly string[] {
  const groups = reports.flatMap(({ votes }) => votes?.membership ?? []);
  const [newest] = groups.toSorted((left, right) => right.generation - left.generation);
  const stopped = newest?.stopped ?? [];
  const waiting = reports.flatMap(({ server, votes }) =>
    votes?.waiting === undefined || stopped.includes(server)
      ? []
      : [`${server} mounts nothing yet: ${votes.waiting}`],
  );
  return [...stopped.map((server) => `${server} is stopped in its group`), ...waiting];
}

/** What operators said of servers and copies, until they take it back. */
function wordsToTakeBack(decisions: Inventory['decisions']): readonly string[] {
  return decisions.flatMap((each) => {
    if (each.kind === 'copy' && each.blocked !== undefined) {
      return [`${each.dataset} on ${each.store} is blocked (${each.blocked})`];
    }
    if (each.kind !== 'server') return [];
    const { server, drained, blocked } = each;
    return [
      ...(drained === undefined ? [] : [`${server} is drained (${drained})`]),
      ...(blocked === undefined ? [] : [`activation is blocked on ${server} (${blocked})`]),
    ];
  });
}

/** Told by the active copies: what a lost side had and a person has to read. */
function conflictsIn(reports: readonly AgentReport[]): readonly string[] {
  return reports
    .flatMap(({ copies }) => copies)
    .flatMap(({ dataset, state, openConflicts = 0 }) =>
      state === 'mounted' && openConflicts > 0
        ? [`${counted(openConflicts, 'conflict')} of ${dataset} wait: understudy ledger list`]
        : [],
    );
}

function partsDown({ server, stores, roles }: AgentReport): readonly string[] {
  return [
    ...stores.filter(({ isUp }) => !isUp).map(({ store }) => `${store} is down`),
    ...roles.filter(({ isUp }) => !isUp).map(({ role }) => `the ${role} of ${server} is down`),
  ];
}

/** Each pool to its backup, in the words of the original's backup service. */
function backupDirections(seen: Inventory): BackupDirection[] {
  const { topology, decisions, reports } = seen;
  const copies = reports.flatMap((report) => report.copies);
  return topology.datasets.flatMap(({ name, pool, copies: wanted }) => {
    const home = topology.pools.find((each) => each.name === pool);
    const record = activeRecordOf(decisions, name);
    if (home?.backupPool === undefined || record === undefined) return [];
    const isAway = (poolRecordOf(decisions, pool)?.serving ?? pool) !== pool;
    const [from, to] = isAway ? [home.backupPool, pool] : [pool, home.backupPool];
    return wanted
      .filter(({ store }) => store !== record.active)
      .map(({ store }) => {
        const copy = copies.find((each) => each.dataset === name && each.store === store);
        const isFenced = copy?.marker?.generation === record.generation;
        const state = directionState(copy, isFenced);
        const why = copy?.why ?? `nobody who answers has ${name} on ${store}`;
        return { from, to, dataset: name, state, lag: { ...copy?.lag }, why };
      });
  });
}

function directionState(copy: CopyReport | undefined, isFenced: boolean): BackupDirection['state'] {
  if (copy === undefined) return 'Error';
  if (isFenced) return 'Final';
  if (copy.state === 'healthy') return 'Steady';
  return copy.state === 'catchingUp' || copy.state === 'seeding' ? 'NonSteady' : 'Error';
}
