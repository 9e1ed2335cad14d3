import type { AgentReport, Inventory, RunRow, ServerName } from '@understudy/core';
import type { AgentClient } from '@understudy/ports';
import type { Leading } from './lead/leading.ts';
import type { ByWord } from './obey/by-word.ts';
import type { ServerByWord } from './obey/server-by-word.ts';
import type { GroupByWord } from './obey/group-by-word.ts';
import type { RolesByWord } from './obey/roles-by-word.ts';

/** One agent. Everything it does is begun by `cycle`, `renew`, its client, or an operator. */
export type Agent = {
  readonly server: ServerName;
  /** In-process client of this agent: what a peer's client does, without a network. */
  readonly client: AgentClient;
  /** Looks, judges, acts, and returns the one sentence. Never rejects. */
  cycle(): Promise<string>;
  /** Renews what is mounted, beats its heart, tells the roles. Never rejects. */
  renew(): Promise<void>;
  /** Looks at synchronous copies, and has writes wait for them or no longer. Never rejects. */
  keepInSync(): Promise<void>;
  /** Asks once what other servers hold for pools that are served here too. Never rejects. */
  askHolders(): Promise<void>;
  /** Resumes own unfinished runs, then cycles, renews and asks until `signal` is aborted. */
  start(signal: AbortSignal): Promise<void>;
  /** Birth of each dataset whose preferred copy is here and that nobody knows (decisions/0008). */
  init(): Promise<readonly string[]>;
  /** What this agent and its partners see now, beside what is wanted. */
  inventory(): Promise<Inventory>;
  report(): Promise<AgentReport>;
  /** Plans, starts, resumes, cancels and approves runs. */
  readonly leading: Leading;
  runs(): Promise<readonly RunRow[]>;
  /** What operators ask of a server's share of its pools. */
  readonly serverByWord: ServerByWord;
  /** What operators ask of the group of voters. */
  readonly groupByWord: GroupByWord;
  /** What operators ask of one copy or dataset of this server, without a run. */
  readonly byWord: ByWord;
  /** What operators ask of this server's roles. */
  readonly rolesByWord: RolesByWord;
};
