import type { RunRow } from '@understudy/core';
import { type AgentClient, withTimeout } from '@understudy/ports';
import { createRunner, type Runner } from '@understudy/runbook-engine';
import { createAgentMemory } from './agent-memory.ts';
import type { AgentParts } from './agent-parts.ts';
import type { Agent } from './agent.ts';
import { createLocalClient } from './create-local-client.ts';
import { runCycle } from './cycle.ts';
import { bearDatasets } from './duty/birth.ts';
import { createLeading } from './lead/leading.ts';
import { createQuoteBook } from './lead/quotes.ts';
import { createByWord } from './obey/by-word.ts';
import { createServerByWord } from './obey/server-by-word.ts';
import { createGroupByWord } from './obey/group-by-word.ts';
import { createRolesByWord } from './obey/roles-by-word.ts';
import type { Hands } from './mount/open-mount.ts';
import { buildInventory } from './observe/build-inventory.ts';
import { wordsOf } from './observe/look-at-store.ts';
import { createObey } from './obey/create-obey.ts';
import { askHolder, askWaitMs, holdersOf } from './supervise/ask-holders.ts';
import { createAssigner } from './supervise/create-assigner.ts';
import { keepInSync } from './supervise/keep-in-sync.ts';
import { renewEveryMs } from './supervise/renew-every.ts';
import { renewMounts } from './supervise/renew-mounts.ts';

/** An agent of its parts. Nothing happens before one of its methods is called. */
export function createAgent(parts: AgentParts): Agent {
  const memory = createAgentMemory(parts.chance.uuid(), parts);
  const hands: Hands = { parts, memory, assigner: createAssigner(parts, memory) };
  const client = createLocalClient(hands, createObey(hands));
  const stopped = new AbortController();
  const { storeTimeoutMs } = parts.topology.limits;
  const inventory = () => buildInventory(parts, memory);
  const runner = createRunner(runPorts(parts, client, stopped.signal), parts.runbooks);
  const quotes = createQuoteBook(parts);
  const leading = createLeading({ parts, runner, quotes, inventory });
  const cycle = () => guarded(hands, () => runCycle(hands, leading));
  const renew = async (): Promise<void> => {
    await guarded(hands, () => renewMounts(hands).then(() => ''));
  };
  const inSync = async (): Promise<void> => {
    await guarded(hands, () => keepInSync(hands).then(() => ''));
  };
  const holders = holdersOf(parts);
  return {
    server: parts.server,
    client,
    cycle,
    renew,
    keepInSync: inSync,
    async askHolders() {
      await Promise.all(holders.map((holder) => askHolder(hands, holder, { waitMs: 0 })));
    },
    leading,
    inventory,
    report: () => client.report(),
    runs: () => listRuns(hands, runner),
    init: () => bearDatasets(hands),
    byWord: createByWord(hands),
    serverByWord: createServerByWord(hands),
    groupByWord: createGroupByWord(hands),
    rolesByWord: createRolesByWord(hands),
    async start(signal) {
      signal.addEventListener('abort', () => stopped.abort(signal.reason), { once: true });
      await cycle(); // Partners are asked before anything is adopted, renewed or resumed.
      const resuming = { ms: storeTimeoutMs, what: 'going on with runs' };
      await guarded(hands, async () => {
        await memory.patience.within(resuming, () => runner.resumeLed());
        return '';
      });
      const { limits } = parts.topology;
      await Promise.all([
        repeat(parts, { signal, pauseMs: limits.cycleMs, act: cycle }),
        repeat(parts, { signal, pauseMs: renewEveryMs(limits), act: renew }),
        repeat(parts, { signal, pauseMs: limits.cycleMs, act: inSync }),
        ...holders.map((holder) => goOnAsking(hands, holder, signal)),
      ]);
    },
  };
}

/** Who hangs is waited for once; from the next cycle on it is known to be silent. */
async function listRuns({ parts, memory }: Hands, runner: Runner): Promise<readonly RunRow[]> {
  const { storeTimeoutMs, peerTimeoutMs } = parts.topology.limits;
  const silent = [...memory.partners].filter(([, { isSilent }]) => isSilent);
  const bound = { ms: storeTimeoutMs + peerTimeoutMs, what: 'reading the runs' };
  return await withTimeout(parts.clock, bound, () =>
    runner.listRuns(silent.map(([server]) => server)),
  );
}

function runPorts(parts: AgentParts, client: AgentClient, signal: AbortSignal) {
  const { server, topology, partners, clock, chance, log } = parts;
  return {
    self: server,
    servers: topology.servers.map(({ name }) => name),
    agentOf: (name: AgentClient['server']): AgentClient => {
      const found = name === server ? client : partners.find((each) => each.server === name);
      if (found !== undefined) return found;
      throw new Error(`the topology names no server ${name}`);
    },
    clock,
    chance,
    log,
    peerTimeoutMs: topology.limits.peerTimeoutMs,
    signal,
  };
}

/** What was not foreseen is said aloud and the agent goes on: its duties do not end with it. */
async function guarded({ parts }: Hands, act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    const sentence = `the cycle failed: ${wordsOf(error)}`;
    parts.log.say('error', sentence);
    return sentence;
  }
}

/** The question waits for its answer, so nothing pauses between two but where none came. */
async function goOnAsking(hands: Hands, holder: AgentClient, signal: AbortSignal): Promise<void> {
  const { parts } = hands;
  const waitMs = askWaitMs(parts);
  while (!signal.aborted) {
    const answer = await askHolder(hands, holder, { waitMs });
    if (answer !== undefined) continue;
    await parts.clock.sleep(parts.topology.limits.cycleMs, signal).catch(() => {});
  }
}

type Repeating = {
  readonly signal: AbortSignal;
  readonly pauseMs: number;
  readonly act: () => Promise<unknown>;
};

async function repeat({ clock }: AgentParts, { signal, pauseMs, act }: Repeating): Promise<void> {
  while (!signal.aborted) {
    await act();
    // Aborted, it rejects; the loop's own condition ends it.
    await clock.sleep(pauseMs, signal).catch(() => {});
  }
}
