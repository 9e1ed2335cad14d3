import {
  aBackup,
  aPlan,
  aRefusedPlan,
  aRunDetail,
  aStatus,
  aStatusOfTwoTopologies,
  aTroubledStatus,
} from './fake-deployment.ts';
import { aGroup, aGroupChange } from './fake-group.ts';
import { aLedger, conflictId } from './fake-ledger.ts';
import { type Answers, FakeRefusal } from './fake-operators.ts';

/** Commands whose exact output is kept, and what it proves. */
export type TranscriptScript = {
  readonly name: string;
  readonly proves: string;
  readonly answers: Answers;
  readonly commands: readonly (readonly string[])[];
};

const failover = ['pool', 'failover', 'east'] as const;
const run = {
  'POST /v1/runs': { run: 'run-2' },
  'GET /v1/runs/run-2': aRunDetail(),
};

export const transcripts: readonly TranscriptScript[] = [
  {
    name: 'status',
    proves: 'One screen says who holds what, how far copies are behind, and what forcing costs.',
    answers: { 'GET /v1/status': aStatus(), 'GET /v1/backup': aBackup() },
    commands: [
      ['status'],
      ['pool', 'list'],
      ['pool', 'show', 'east'],
      ['pool', 'dns', 'east'],
      ['dataset', 'list'],
      ['dataset', 'show', 'users-east'],
      ['backup', 'status'],
      ['services', 'list'],
    ],
  },
  {
    name: 'status-in-trouble',
    proves: 'Silence, limited mode, what was set aside and unfinished runs are said.',
    answers: { 'GET /v1/status': aTroubledStatus() },
    commands: [['status'], ['pool', 'show', 'west']],
  },
  {
    name: 'status-of-two-topologies',
    proves: 'A server with another topology file is named.',
    answers: { 'GET /v1/status': aStatusOfTwoTopologies() },
    commands: [['status']],
  },
  {
    name: 'pool-failover',
    proves: 'What-if prints the plan and does nothing; a run is told step by step.',
    answers: { 'POST /v1/plans': aPlan(), ...run },
    commands: [
      [...failover, '--what-if'],
      failover,
      [...failover, '--verbose'],
      ['Invoke-CsPoolFailOver', '-PoolFqdn', 'east.example.test', '-Verbose'],
      ['run', 'show', 'run-2'],
    ],
  },
  {
    name: 'ledger',
    proves: 'What a lost side had is listed, shown in both versions, exported and resolved.',
    answers: {
      'GET /v1/status': aStatus(),
      'GET /v1/datasets/users-east/ledger': aLedger(),
      'GET /v1/datasets/users-west/ledger': { salvages: [], entries: [], hasMore: false },
      'POST /v1/datasets/users-east/ledger/resolve': {
        why: '1 entry of users-east resolved: the newer number is right',
      },
    },
    commands: [
      ['ledger', 'list'],
      ['ledger', 'show', 'users-east', conflictId],
      ['ledger', 'export', 'users-east'],
      ['ledger', 'resolve', 'users-east', conflictId, '--why', 'the newer number is right'],
      ['ledger', 'list', '--dataset', 'users-north'],
    ],
  },
  {
    name: 'group',
    proves: 'Who votes is shown, and a change of it is told before it is made.',
    answers: { 'GET /v1/group': aGroup(), 'POST /v1/group': aGroupChange() },
    commands: [
      ['group', 'stop', '--site', 'west', '--what-if'],
      ['group', 'stop', '--server', 'west-1'],
      ['Stop-DatabaseAvailabilityGroup', '-Identity', 'DAG1', '-ActiveDirectorySite', 'west'],
      ['group', 'stop', '--configuration-only', '--partner-is-off'],
      ['group', 'status'],
    ],
  },
  {
    name: 'refusals',
    proves:
      'A refusal exits with 3, names the rule, and says what to add; wrong usage exits with 2.',
    answers: {
      'POST /v1/plans': aRefusedPlan(),
      'GET /v1/status': aStatus(),
      'POST /v1/datasets/users-east/mount': new FakeRefusal('refused', {
        what: 'users-east stays dismounted',
        todo: 'wait for the partner, or add --partner-is-off',
        refusals: [
          { severity: 'refusal', code: 'partnerSilent', why: 'west-1 may have it mounted' },
        ],
      }),
    },
    commands: [
      [...failover, '--force'],
      [...failover, '--force', '--json'],
      [...failover, '--accept-loss=9c41e2'],
      ['pool', 'show', 'nord'],
      ['pool', 'dns', 'east', '--ttl', 'soon'],
      ['pool', 'dns', 'east', '--name', 'east.example.test.'],
      ['dataset', 'mount', 'users-east'],
      ['dataset', 'seed', 'users-east'],
      ['pool', 'failover'],
      ['pool', 'set-state', 'east', 'Sideways'],
      ['Invoke-CsPoolFailOver', '-PoolFqdn', 'east', '-Fast'],
      ['stauts'],
    ],
  },
  {
    name: 'help',
    proves: 'Every command explains itself.',
    answers: {},
    commands: [
      ['--help'],
      ['pool', '--help'],
      ['pool', 'failover', '--help'],
      ['services', '--help'],
      ['server', '--help'],
      ['group', '--help'],
      ['group', 'restore', '--help'],
      ['dataset', '--help'],
      ['user', 'add', '--help'],
      ['run', '--help'],
    ],
  },
];
