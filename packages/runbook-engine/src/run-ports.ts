import type { ServerName } from '@understudy/core';
import type { AgentClient, Chance, Clock, Log } from '@understudy/ports';

/** All that a runner asks of the world. `apps` and the simulation hand it in. */
export type RunPorts = {
  /** The server whose agent runs this. Its own client is the control store that must answer. */
  readonly self: ServerName;
  /** Every server of the topology, `self` included. */
  readonly servers: readonly ServerName[];
  /** The agent of a server; for `self` a client without a network (never unreachable). */
  agentOf(server: ServerName): AgentClient;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** limits.peerTimeoutMs of the topology: how long a partner may take to be told. */
  readonly peerTimeoutMs: number;
  /** Aborted when the process stops: runs are left as they are, to be resumed. */
  readonly signal: AbortSignal;
};
