import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '../sites/wait-for.ts';
import { signalParts } from '../votes/stop-processes.ts';
import { ClocksStage } from './clocks-stage.ts';

// Stores that cannot read the time since boot, as where the database is somebody else's: their
// gates go by the wall clock, and the agents' own time since boot tells when that was set (V3).

const hourMs = 3_600_000;

describe('gates that go by the wall clock', () => {
  let clocks: ClocksStage;
  before(async () => {
    clocks = await ClocksStage.open({ isBootTimeHidden: true });
  });
  after(() => clocks?.close());

  /** The wall clock of east's PostgreSQL is set, and its pool mounts again by what was said. */
  async function remounted(aheadMs: number, said: RegExp): Promise<void> {
    const before = await generationOfEast();
    const from = (await agentLog()).length;
    await clocks.setWallClocks({ east: { postgres: aheadMs } });
    await waitFor('that pool east is mounted at home, under another generation', async () => {
      const generation = await generationOfEast();
      return generation !== undefined && generation !== before ? true : undefined;
    });
    await clocks.readAtHome();
    await waitFor(`that the agent says ${said}`, async () =>
      said.test((await agentLog()).slice(from)) ? true : undefined,
    );
    await clocks.whole();
  }

  async function agentLog(): Promise<string> {
    return await readFile(clocks.stage.sites.paths.server('east-1').agentLog, 'utf8');
  }

  async function generationOfEast(): Promise<string | undefined> {
    return (await clocks.openGates()).find((gate) => gate.startsWith('east at east-store'));
  }

  test('V3: it is set ahead by an hour: the gate shuts early, and is opened again', () =>
    remounted(hourMs, /the clock of east-store was set ahead by \d+ ms or more/));

  test('V3: it is set back by an hour: the gate is shut at once, not in an hour', () =>
    remounted(
      0,
      /users-east is dismounted and mounted again: the clock of east-store was set back/,
    ));

  test('E12, V3: its agent stalls meanwhile: the gate stays open, and roles stop', async () => {
    const { sites } = clocks.stage;
    await clocks.readAtHome();
    await signalParts(sites, 'east', { signal: 'SIGSTOP', parts: ['agent'] });
    try {
      await clocks.setWallClocks({ east: { postgres: -hourMs } });
      await clocks.outlast();
      const sinceMs = performance.now();
      assert.notEqual(await generationOfEast(), undefined); // The exception that 0029 names.
      await clocks.outlast();
      clocks.assertNotReadAtHomeSince(sinceMs);
    } finally {
      await signalParts(sites, 'east', { signal: 'SIGCONT', parts: ['agent'] });
    }
    await clocks.readAtHome();
    await clocks.whole();
  });
});
