import type { PlannedSalvage, ReturnPlan } from '@understudy/core';
import type { RunContext } from '@understudy/runbook-engine';

/**
 * The databases of the dataset that are set aside on its returning store now. Throws where the
 * store does not say: what cannot be seen is not gone.
 */
async function asideOf(
  { agentOf }: RunContext<unknown>,
  { dataset, at }: PlannedSalvage,
): Promise<readonly string[]> {
  const { stores, setAside } = await agentOf(at.server).report();
  if (stores.find(({ store }) => store === at.store)?.isUp !== true) {
    throw new Error(`store ${at.store} does not say what is set aside on it`);
  }
  return setAside
    .filter((each) => each.store === at.store && each.dataset === dataset)
    .flatMap(({ database, salvage }) => (salvage === undefined ? [] : [database]));
}

export type Aside = { readonly planned: PlannedSalvage; readonly database: string };

const noneLeft = 'nothing that was set aside is left';

/** The sentence of a step that is done once nothing of the plan is set aside any more. */
export async function whenNoneAside(context: RunContext<ReturnPlan>): Promise<string | undefined> {
  const { salvages } = context.plan;
  const left = await Promise.all(salvages.map((each) => asideOf(context, each)));
  return left.flat().length === 0 ? noneLeft : undefined;
}

/** Does `work` to each database that is set aside, one after the other, and says what was done. */
export async function throughAside(
  context: RunContext<ReturnPlan>,
  work: (aside: Aside) => Promise<string>,
): Promise<string> {
  const sentences: string[] = [];
  for (const planned of context.plan.salvages) {
    for (const database of await asideOf(context, planned)) {
      sentences.push(await work({ planned, database }));
    }
  }
  return sentences.join('; ') || noneLeft;
}
