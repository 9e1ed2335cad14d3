import { EngineRefusedError } from '@understudy/ports';
import { detachForMount } from './detach-for-mount.ts';
import { type Hands, openMount } from './open-mount.ts';
import { type MountPlace, raiseGeneration } from './raise-generation.ts';

/** Mounts the active copy, or mounts it again, under a new generation of its own (E1). */
export async function mountAgain(hands: Hands, place: MountPlace): Promise<string> {
  const raised = await raiseGeneration(hands.parts, hands.memory, place);
  if (!raised.isRaised) {
    throw new EngineRefusedError(`${place.record.dataset} stays dismounted: ${raised.why}`);
  }
  const { record } = raised;
  await detachForMount(hands.parts, { ...place, record });
  return await openMount(hands, { own: place.own, record });
}
