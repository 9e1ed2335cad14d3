import { chooseSchemaStep } from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { hasRun } from '../observe/held-by-run.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';

/** Before a level or tables that could not be taken are tried again, in milliseconds. */
const schemaAgainMs = 5_000;

/**
 * Brings a copy's schema to this release's level: passive copies first, the active one when every
 * other has it, and then followers take up what is new (E8). Never while a run has the dataset.
 */
export async function tendSchema(hands: Hands, judged: JudgedCopy): Promise<string | undefined> {
  const { parts, memory } = hands;
  const { own, dataset, situation, judgement } = judged;
  const { copy, record } = situation;
  if (copy === undefined || record === undefined || hasRun(memory.runs, dataset)) return undefined;
  const step = chooseSchemaStep({
    copy,
    record,
    state: judgement.state,
    newest: own.engine.migrationNewest,
    others: levelsOfOthers(hands, judged),
  });
  const nowMs = parts.clock.bootMs();
  const triedMs = memory.schemaTriedMs.get(dataset);
  const isTooSoon = triedMs !== undefined && nowMs - triedMs < schemaAgainMs;
  if (step === undefined || isTooSoon) return undefined;
  memory.schemaTriedMs.set(dataset, nowMs);
  const where = `${dataset} on ${own.engine.store}`;
  if (step === 'migrate') {
    const level = await own.engine.migrate(dataset);
    return `brought the schema of ${where} to level ${level}`;
  }
  await own.engine.resume(dataset);
  return `${where} takes up the tables that ${record.active} publishes by now`;
}

function levelsOfOthers({ memory }: Hands, judged: JudgedCopy): readonly (number | undefined)[] {
  const { dataset, situation } = judged;
  const here = memory.stores.filter(({ isUp }) => isUp).flatMap(({ copies }) => copies);
  const there = [...memory.partners.values()].flatMap((view) =>
    view.isSilent ? [] : view.report.copies,
  );
  const seen = [...here, ...there].filter((copy) => copy.dataset === dataset);
  return situation.stores
    .filter((store) => store !== situation.store)
    .map((store) => seen.find((copy) => copy.store === store)?.migration);
}
