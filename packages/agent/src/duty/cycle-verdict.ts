import type { AgentMemory } from '../agent-memory.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';

/** The one sentence of a cycle: what was seen, what was done, and why. */
export function cycleVerdict(
  memory: AgentMemory,
  { judged, said }: { readonly judged: readonly JudgedCopy[]; readonly said: readonly string[] },
): string {
  const copies = judged.map(({ dataset, judgement }) => {
    const done = memory.outcomes.get(dataset);
    const words = `${dataset} is ${judgement.state} (${judgement.why})`;
    return done === undefined ? words : `${words}: ${done}`;
  });
  const silent = [...memory.partners]
    .filter(([, view]) => view.isSilent)
    .map(([server]) => server)
    .sort();
  const partners = silent.length === 0 ? [] : [`${silent.join(' and ')} silent`];
  const shortages = memory.stores.flatMap(({ shortage }) => shortage ?? []);
  const all = [...copies, ...shortages, ...partners, ...said];
  return all.length === 0 ? 'nothing is here to look after' : all.join('; ');
}

/** Figures change in every cycle; a sentence is news when its words do. */
export function isNews(verdict: string, before: string): boolean {
  return withoutFigures(verdict) !== withoutFigures(before);
}

function withoutFigures(sentence: string): string {
  return sentence.replaceAll(/\d+(\.\d+)?/g, '#');
}
