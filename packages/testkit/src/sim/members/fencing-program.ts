import { type FakeProgram, SeededChance } from '@understudy/ports/fake';
import type { SimDeployment } from '../sim-deployment.ts';
import { fencingPath } from './member-shape.ts';

const kinds = ['works', 'works', 'fails', 'fails', 'hangs', 'works and fails'] as const;
/** Longer than any fencing command is waited for. */
const hangsMs = 60_000;
const slowestMs = 1_500;

/** Power switches that do what they are told, or do not and say so, or do and say otherwise. */
export function installFencing({ world, sites }: SimDeployment, seed: number): void {
  const chance = new SeededChance(seed ^ 0xfe4ce);
  const program: FakeProgram = ({ environment }) => {
    const kind = chance.pick(kinds);
    const takesMs = kind === 'hangs' ? hangsMs : chance.integer(0, slowestMs);
    const named = environment['UNDERSTUDY_FENCE_SERVERS']?.split(' ') ?? [];
    const fenced = sites.filter(({ server }) => named.includes(server));
    world.history.note('fencing', `a fencing command ${kind}: ${named.join(' ')}`);
    if (kind !== 'fails' && kind !== 'hangs') {
      // Before it ends: a clock that runs fast has not counted more than this.
      world.clock.at(world.clock.bootMs() + takesMs / 2, () => {
        for (const site of fenced) site.turnOff();
      });
    }
    // Without it a command that fails is as good as one that does not.
    const isGood = kind === 'works' || world.faults.has('V6-fencing');
    return isGood
      ? { exitStatus: 0, takesMs: Math.min(takesMs, slowestMs) }
      : { exitStatus: 1, takesMs };
  };
  for (const { commands } of sites) commands.programs.set(fencingPath, program);
}
