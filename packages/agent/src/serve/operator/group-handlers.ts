import type { EndpointAnswer } from '@understudy/api';
import {
  asServer,
  departedMembers,
  type Inventory,
  judgeStoreUrl,
  leasesByDataset,
  majorityOf,
  type Membership,
  namesLike,
  type ServerName,
  storeUrlPlace,
  votersOf,
  type VotesReport,
} from '@understudy/core';
import {
  type Asked,
  ElsewhereError,
  ForbiddenError,
  type Handler,
  type OperatorApi,
  WrongRequestError,
} from './operator-context.ts';

type Handlers = { readonly [Name in 'showGroup' | 'changeGroup']: Handler<Name> };

export function groupHandlers(api: OperatorApi): Handlers {
  return {
    async showGroup() {
      const seen = await api.agent.inventory();
      return groupAnswerOf(seen, votesOf(api, seen));
    },
    async changeGroup({ body, operator }) {
      const seen = await api.agent.inventory();
      const { membership } = votesOf(api, seen);
      const { act, isConfigurationOnly, isPartnerOff, isWhatIf, alternateWitness } = body;
      if (alternateWitness !== undefined) checkWitness(api, alternateWitness);
      const servers = membersNamed(api, { ...seen, membership }, body);
      const request = {
        act,
        servers,
        isConfigurationOnly,
        isPartnerOff,
        ...(alternateWitness === undefined ? {} : { alternateWitness }),
      };
      const planned = await api.agent.groupByWord.plan(request);
      const { next, words, findings, leader, fencings } = planned;
      const refusals = findings.filter(({ severity }) => severity === 'refusal');
      if (next === undefined || refusals.length > 0) throw new ForbiddenError(findings);
      if (isWhatIf) return { why: 'nothing was done', words, membership: next, findings };
      if (leader !== api.agent.server) throw new ElsewhereError(leader);
      const why = await api.agent.groupByWord.change(next, fencings);
      api.log.say('info', `${operator} asked to ${act} members of the group: ${why}`);
      return { why, words, membership: next, findings };
    },
  };
}

function votesOf({ agent }: OperatorApi, { reports }: Inventory): VotesReport {
  const votes = reports.find(({ server }) => server === agent.server)?.votes;
  if (votes !== undefined) return votes;
  const todo = 'give the topology file its lines for `votes`';
  throw new WrongRequestError('notFound', 'nobody votes here, so there is no group', todo);
}

/** A witness that is a member's store would count twice. */
function checkWitness({ topology }: OperatorApi, url: string): void {
  const judged = judgeStoreUrl(url);
  if (judged !== undefined) throw new WrongRequestError('badRequest', judged.what, judged.todo);
  const same = topology.stores.find((store) => storeUrlPlace(store.url) === storeUrlPlace(url));
  if (same === undefined) return;
  const what = `the witness is the PostgreSQL of store ${same.name}, which has a vote already`;
  throw new WrongRequestError('badRequest', what, 'give it a PostgreSQL of its own');
}

type GroupNow = Pick<Inventory, 'reports'> & { readonly membership: Membership };

/**
 * Named one by one or by site; of a restore, where nobody is named, whoever answers. A member that
 * the topology names no more can be stopped; it has no vote that anybody could ask for.
 */
function membersNamed(
  { topology }: OperatorApi,
  { reports, membership }: GroupNow,
  { act, servers, sites }: Asked<'changeGroup'>['body'],
): readonly ServerName[] {
  const departed = departedMembers(topology, membership).filter((name) => servers.includes(name));
  if (act !== 'stop' && departed.length > 0) refuseDeparted(departed);
  for (const [kind, asked, all] of [
    ['server', servers, [...topology.servers.map(({ name }) => name), ...departed]],
    ['site', sites, topology.sites.map(({ name }) => name)],
  ] as const) {
    const known = all.map((name) => `${name}`);
    const unknown = asked.find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const todo = `name one of ${namesLike(unknown, known)}`;
    throw new WrongRequestError('notFound', `there is no ${kind} ${unknown}`, todo);
  }
  const named = topology.servers
    .filter(({ name, site }) => servers.includes(name) || sites.includes(site))
    .map(({ name }) => asServer(name));
  const all = [...named, ...departed];
  if (all.length > 0) return all;
  if (act === 'restore') return reports.map(({ server }) => server);
  const todo = 'name them with --server NAME or --site NAME';
  throw new WrongRequestError('badRequest', `whom to ${act} is not said`, todo);
}

function refuseDeparted(departed: readonly ServerName[]): never {
  const what = `the topology names ${departed.join(' and ')} no more: it can only be stopped`;
  const todo = 'give the topology file its lines again, at every server, or leave it stopped';
  throw new WrongRequestError('badRequest', what, todo);
}

function groupAnswerOf(seen: Inventory, votes: VotesReport): EndpointAnswer<'showGroup'> {
  const { membership, voters, quorumMs } = votes;
  const waiting = seen.reports.flatMap(({ server, votes: own }) =>
    own?.waiting === undefined ? [] : [{ server, why: own.waiting }],
  );
  const needed = majorityOf(votersOf(membership).length);
  const answering = voters.filter(({ isSilent }) => !isSilent).length;
  return {
    why: sentenceOf(membership, { needed, answering, voters: voters.length }),
    membership,
    needed,
    voters,
    leases: leasesByDataset(seen, votes.leases),
    waiting,
    ...(quorumMs === undefined ? {} : { quorumMs }),
  };
}

function sentenceOf(
  { generation, stopped }: Membership,
  count: { readonly needed: number; readonly answering: number; readonly voters: number },
): string {
  const { needed, answering, voters } = count;
  const rest = stopped.length === 0 ? '' : `; stopped: ${stopped.join(', ')}`;
  const votes = `${answering} of ${voters} voters answer, ${needed} are needed`;
  const way = answering >= needed ? '' : '; where the rest is gone for good: group restore';
  return `membership ${generation}: ${votes}${rest}${way}`;
}
