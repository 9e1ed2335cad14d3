import { after, before } from 'node:test';
import type { SitesOptions } from '../sites/open-sites.ts';
import { KillStage } from './stage.ts';

/** A stage for the tests of one `describe`; it is closed whatever becomes of them. */
export function useStage(options?: SitesOptions): () => KillStage {
  let stage: KillStage | undefined;
  before(async () => {
    stage = await KillStage.open(options);
  });
  after(() => stage?.close());
  return () => {
    if (stage === undefined) throw new Error('the stage is not open');
    return stage;
  };
}
