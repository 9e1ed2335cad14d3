import type { PlannedSalvage } from '@understudy/core';
import type { RunContext } from '@understudy/runbook-engine';

/**
 * The databases of the dataset that are set aside on its returning store now. Throws where the
 * store does not say: what cannot be seen is not gone.
 */
export async function asideOf(
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
