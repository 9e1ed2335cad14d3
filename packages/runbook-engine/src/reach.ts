import type { ServerName } from '@understudy/core';
import {
  type AgentClient,
  AgentUnreachableError,
  OrderRefusedError,
  TimedOutError,
  withTimeout,
} from '@understudy/ports';
import { RunRefusedError } from './run-error.ts';
import type { RunPorts } from './run-ports.ts';

/**
 * Partners, as far as they answer. Whoever does not answer once is passed over for the rest of
 * this performance: a dead site must not cost a forced failover its bound at every step. It learns
 * what was decided when it comes back.
 */
export class Reach {
  readonly #ports: RunPorts;
  readonly #silent: Set<ServerName>;

  constructor(ports: RunPorts, silent: Iterable<ServerName> = []) {
    this.#ports = ports;
    this.#silent = new Set(silent);
  }

  isSilent(server: ServerName): boolean {
    return this.#silent.has(server);
  }

  /** All other servers that have answered so far. */
  partners(): readonly ServerName[] {
    return this.#ports.servers.filter((name) => name !== this.#ports.self && !this.isSilent(name));
  }

  /** What the partner answered; undefined where it did not. A refusal is an answer and thrown. */
  async ask<Answer>(
    server: ServerName,
    work: (agent: AgentClient) => Promise<Answer>,
    boundMs = this.#ports.peerTimeoutMs,
  ): Promise<Answer | undefined> {
    if (this.isSilent(server)) return undefined;
    const { clock, log } = this.#ports;
    const bound = { ms: boundMs, what: `an answer of ${server}` };
    try {
      return await withTimeout(clock, bound, () => work(this.#ports.agentOf(server)));
    } catch (error) {
      const isAnswer = error instanceof OrderRefusedError || error instanceof RunRefusedError;
      if (isAnswer && !hasNoSay(error)) throw error;
      if (isSilence(error) || hasNoSay(error)) this.#silent.add(server);
      log.say('warn', `${server} could not be told, the run goes on: ${wordsOf(error)}`);
      return undefined;
    }
  }
}

function isSilence(error: unknown): boolean {
  return error instanceof AgentUnreachableError || error instanceof TimedOutError;
}

/** Its store went back in time (E10): what it says counts no more than if it were silent. */
function hasNoSay(error: unknown): boolean {
  return error instanceof OrderRefusedError && error.refusal.code === 'takenBack';
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
