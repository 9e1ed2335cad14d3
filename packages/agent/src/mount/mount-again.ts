import { EngineRefusedError } from '@understudy/ports';
import { isVouchedFor } from '../observe/judge-identities.ts';
import { detachForMount } from './detach-for-mount.ts';
import { type Hands, openMount } from './open-mount.ts';
import { type MountPlace, raiseGeneration } from './raise-generation.ts';

/** Mounts the active copy, or mounts it again, under a new generation of its own (E1). */
export async function mountAgain(hands: Hands, place: MountPlace): Promise<string> {
  await refuseUnproven(hands, place);
  const raised = await raiseGeneration(hands.parts, hands.memory, place);
  if (!raised.isRaised) {
    throw new EngineRefusedError(`${place.record.dataset} stays dismounted: ${raised.why}`);
  }
  const { record } = raised;
  await detachForMount(hands.parts, { ...place, record });
  return await openMount(hands, { own: place.own, record });
}

/**
 * E10: what is mounted on an operator's word alone may have been taken back in time, and the only
 * one who could tell is silent. Nobody follows it before somebody has told (decisions/0024).
 */
async function refuseUnproven({ memory }: Hands, place: MountPlace): Promise<void> {
  const { own, copy, isSilenceFine } = place;
  if (isSilenceFine !== true || isVouchedFor(memory, own.engine.store)) return;
  await own.engine.refuseFollowers(copy.dataset);
}
