import type { MovesPlan, PlannedMove } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf, isDecided, sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Opens the targets to writers. Their sources are fenced, or said to be off, by now. */
export const mountDatasets = defineStep<MovesPlan>({
  name: 'mount-datasets',
  title: titleOf('mount-datasets'),
  timeoutMs: ({ limits }) => limits.detachTimeoutMs + limits.orderTimeoutMs + seconds(5),
  attemptsMax: 3,
  window: 'inside',
  async isDone(context) {
    const { moves } = context.plan;
    // Nothing that was done: such a run can still be undone.
    if (moves.length === 0) return undefined;
    const mounted = await Promise.all(moves.map((move) => isMounted(context, move)));
    return mounted.includes(false) ? undefined : 'all are mounted';
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.moves.map((move) => mount(context, move)));
    return sentences.join('; ') || 'nothing had to be mounted';
  },
  undo: { none: 'clients may have written to the target; the way back is a switch of its own' },
});

async function mount(context: RunContext<MovesPlan>, move: PlannedMove): Promise<string> {
  const { agentOf, run, attempt } = context;
  try {
    const record = move.next;
    const { why } = await agentOf(move.to.server).obey({ kind: 'mount', run, attempt, record });
    return `${move.dataset}: ${why}`;
  } catch (error) {
    if (!(error instanceof OrderRefusedError)) throw error;
    if (error.refusal.code === 'staleAttempt') throw error;
    return mountNewest(context, move, error);
  }
}

/** The target's own agent may have raised the generation meanwhile, to mount after a restart. */
async function mountNewest(
  context: RunContext<MovesPlan>,
  move: PlannedMove,
  refused: OrderRefusedError,
): Promise<string> {
  const { agentOf, run, attempt } = context;
  if (await isMounted(context, move)) return `${move.dataset} was mounted already`;
  const record = await sameTakeOver(context, move.next, move.to);
  if (record.generation === move.next.generation) throw refused;
  const { why } = await agentOf(move.to.server).obey({ kind: 'mount', run, attempt, record });
  return `${move.dataset}: ${why}`;
}

async function isMounted(context: RunContext<MovesPlan>, move: PlannedMove): Promise<boolean> {
  if (!(await isDecided(context, move))) return false;
  return (await copyOf(context, move.dataset, move.to))?.state === 'mounted';
}
