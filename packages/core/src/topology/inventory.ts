import type { AgentReport } from '../agent/agent-report.ts';
import type { Decision } from '../agent/decision.ts';
import type { LossQuote } from '../dataset/history/loss-quote.ts';
import type { ServerName } from '../ids.ts';
import type { Topology } from './topology.ts';

/** What we last saw, beside what we want: all that a plan may be made of. */
export type Inventory = {
  readonly topology: Topology;
  readonly topologyHash: string;
  /** The server whose agent looked. */
  readonly observer: ServerName;
  readonly atMs: number;
  readonly reports: readonly AgentReport[];
  /** Servers that did not answer, with what their agent client said. */
  readonly silent: readonly { readonly server: ServerName; readonly why: string }[];
  /** The newest decision of each subject among all that answered. */
  readonly decisions: readonly Decision[];
  /** Quotes for the passive copies that answered. */
  readonly quotes: readonly LossQuote[];
};
