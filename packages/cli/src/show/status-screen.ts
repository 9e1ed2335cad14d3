import type { DeploymentStatus } from '@understudy/api';
import {
  counted,
  isUnfinished,
  majorityOf,
  type RoleReport,
  type ServerName,
  serverRecordOf,
  type VotesReport,
} from '@understudy/core';
import { showBytes, showVersion } from './amounts.ts';
import { datasetRows } from './dataset-rows.ts';
import { poolRows } from './pool-rows.ts';
import { runRows } from './run-rows.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** The whole deployment on one screen; sections with nothing to say are left out. */
export function statusScreen(
  status: DeploymentStatus,
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number },
): readonly string[] {
  const sections = [
    heading(status).flatMap((line) => wrap(line, columns)),
    table(serverRows(status), columns),
    table(poolRows(status), columns),
    table(datasetRows(status, nowMs), columns),
    voteLines(status).flatMap((line) => wrap(line, columns, '  ')),
    setAsideLines(status).flatMap((line) => wrap(line, columns, '  ')),
    hashLines(status).flatMap((line) => wrap(line, columns, '  ')),
    unfinishedLines(status, { nowMs, columns }),
  ];
  return sections
    .filter(({ length }) => length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function heading(status: DeploymentStatus): readonly string[] {
  const { sites, servers } = status.topology;
  const answering = `${status.agents.length} of ${counted(servers.length, 'agent')} answer`;
  return [
    `${status.name}: ${counted(sites.length, 'site')}, ${answering}, seen by ${status.observer}`,
    status.sentence,
  ];
}

function serverRows(status: DeploymentStatus): readonly (readonly string[])[] {
  const { servers } = status.topology;
  const head = ['SITE', 'SERVER', 'AGENT', 'STORES', 'ROLES', 'LAST SAID'];
  return [head, ...servers.map(({ site, name }) => [site, name, ...serverCells(status, name)])];
}

function serverCells(status: DeploymentStatus, server: string): readonly string[] {
  const report = status.agents.find((each) => each.server === server);
  if (report === undefined) {
    const why = status.silent.find((each) => each.server === server)?.why ?? 'no answer';
    return ['silent', 'unknown', 'unknown', why];
  }
  const stores = report.stores.map(({ store, isUp, identity, error }) =>
    isUp ? `${store} ${showVersion(identity?.version)}` : `${store} DOWN: ${error ?? 'no answer'}`,
  );
  const roles = report.roles.map((each) => roleWords(each));
  const isDrained = serverRecordOf(status.decisions, report.server)?.drained !== undefined;
  const served = roles.length === 0 ? 'none' : roles.join(', ');
  return [isDrained ? 'up, drained' : 'up', stores.join(', '), served, report.verdict];
}

function roleWords({ role, isUp, stopped }: RoleReport): string {
  if (isUp) return role;
  return stopped === undefined ? `${role} DOWN` : `${role} STOPPED: ${stopped}`;
}

/** Each voter as the agents see it, and the leases that no majority confirms. */
function voteLines({ agents }: DeploymentStatus): readonly string[] {
  const views = agents.flatMap(({ server, votes }) =>
    votes === undefined ? [] : { server, votes },
  );
  const [first] = views;
  if (first === undefined) return [];
  const silent = views.flatMap(({ server, votes }) =>
    votes.voters
      .filter(({ isSilent }) => isSilent)
      .map(({ voter, error }) => `votes: ${voter} does not answer ${server}: ${error ?? ''}`),
  );
  const { generation } = first.votes.membership;
  const group = generation === 0 ? '' : `membership ${generation}: `;
  const names = group + first.votes.voters.map(({ voter }) => voter).join(', ');
  return [`votes: ${names}; ${howMany(views)}`, ...silent];
}

type View = { readonly server: ServerName; readonly votes: VotesReport };

/** Who hears no majority can take nothing, and loses what it has. */
function howMany(views: readonly View[]): string {
  const short = views.filter(({ votes: { voters } }) => {
    const answering = voters.filter(({ isSilent }) => !isSilent).length;
    return answering < majorityOf(voters.length);
  });
  if (short.length > 0) {
    const names = short.map(({ server }) => server).join(' and ');
    return `no majority answers ${names}, which keeps nothing mounted`;
  }
  const isWhole = views.every(({ votes }) => votes.voters.every(({ isSilent }) => !isSilent));
  return isWhole ? 'all answer' : 'what a majority answers goes on';
}

function setAsideLines(status: DeploymentStatus): readonly string[] {
  const kept = status.agents.flatMap(({ setAside }) => setAside);
  return kept.map(({ store, database, salvage, unreadBytes = 0 }) => {
    const unread = `at most ${showBytes(unreadBytes)} of its log wait to be read`;
    const words = salvage === undefined ? 'an earlier release set it aside' : unread;
    return `set aside: ${store} keeps database ${database}; ${words}`;
  });
}

function hashLines(status: DeploymentStatus): readonly string[] {
  return status.agents
    .filter(({ topologyHash }) => topologyHash !== status.topologyHash)
    .map(
      ({ server, topologyHash }) =>
        `topology: ${server} has another file (${topologyHash.slice(0, 12)}) than ` +
        `${status.observer} (${status.topologyHash.slice(0, 12)}); ` +
        'runs are refused until they agree',
    );
}

function unfinishedLines(
  status: DeploymentStatus,
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number },
): readonly string[] {
  const runs = status.runs.filter(isUnfinished);
  return runs.length === 0 ? [] : table(runRows(runs, nowMs), columns);
}
