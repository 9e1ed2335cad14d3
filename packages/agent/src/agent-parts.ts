import type { AgentReport, Inventory, RunRow, ServerName, Topology } from '@understudy/core';
import type {
  AgentClient,
  Chance,
  Clock,
  ControlStore,
  DatasetEngine,
  Log,
  MountRight,
  ProcessSupervisor,
  RoleControl,
} from '@understudy/ports';
import type { AnyRunbook } from '@understudy/runbook-engine';
import type { ByWord } from './obey/by-word.ts';
import type { Leading } from './lead/leading.ts';

/** One store of this server: its engine and its control database. */
export type OwnStore = { readonly engine: DatasetEngine; readonly control: ControlStore };

/**
 * All that an agent is made of. It keeps no module state, so a simulation runs many in one
 * process, each with fakes, under one turned clock.
 */
export type AgentParts = {
  readonly server: ServerName;
  readonly version: string;
  readonly topology: Topology;
  /** Hash of the topology file as this agent read it (decisions/0006). */
  readonly topologyHash: string;
  /** The stores of this server, those of the topology; decisions are kept in each. */
  readonly stores: readonly OwnStore[];
  /** One client for each other server. */
  readonly partners: readonly AgentClient[];
  readonly roles: RoleControl;
  readonly supervisor: ProcessSupervisor;
  readonly mountRight: MountRight;
  /** The catalogue; the app hands it in, for the agent imports no runbook. */
  readonly runbooks: readonly AnyRunbook[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
};

/** One agent. Everything it does is begun by `cycle`, `renew`, its client, or an operator. */
export type Agent = {
  readonly server: ServerName;
  /** In-process client of this agent: what a peer's client does, without a network. */
  readonly client: AgentClient;
  /** Looks, judges, acts, and returns the one sentence. Never rejects. */
  cycle(): Promise<string>;
  /** Renews what is mounted, beats its heart, tells the roles. Never rejects. */
  renew(): Promise<void>;
  /** Resumes own unfinished runs, then cycles and renews until `signal` is aborted. */
  start(signal: AbortSignal): Promise<void>;
  /** Birth of each dataset whose preferred copy is here and that nobody knows (decisions/0008). */
  init(): Promise<readonly string[]>;
  /** What this agent and its partners see now, beside what is wanted. */
  inventory(): Promise<Inventory>;
  report(): Promise<AgentReport>;
  /** Plans, starts, resumes, cancels and approves runs. */
  readonly leading: Leading;
  runs(): Promise<readonly RunRow[]>;
  /** What operators ask of one copy or dataset of this server, without a run. */
  readonly byWord: ByWord;
};
