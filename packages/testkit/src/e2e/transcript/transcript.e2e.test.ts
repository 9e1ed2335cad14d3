import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Sites } from '../sites/open-sites.ts';
import { askRegister } from './ask-register.ts';
import { openTranscriptSites } from './open-transcript-sites.ts';
import { failbackOrder, failoverOrder, outOfOrder } from './original-order.ts';
import { playStep, type StepName, stepNames } from './play-transcript.ts';
import { transcriptFile, transcriptPage } from './transcript-page.ts';
import { withoutMeasures } from './without-measures.ts';

// The first reference document's story, by the commands that its readers know. Its steps follow on
// each other.

/** From the order to a phone that is served by the other pool. */
const byHandMs = 2_000;
/** A machine that is busy with other tests may take longer once. */
const triesMax = 3;
const lookMs = 20;

describe('a failover, command by command', () => {
  let sites: Sites;
  const played = new Map<StepName, readonly string[]>();
  before(async () => {
    sites = await openTranscriptSites();
  });
  after(() => sites?.[Symbol.asyncDispose]());

  async function play(step: StepName): Promise<readonly string[]> {
    const lines = await playStep(sites, step);
    played.set(step, lines);
    return lines;
  }

  async function register(server: 'east-1' | 'west-1'): Promise<string> {
    const found = sites.topology.servers.find(({ name }) => name === server) ?? assert.fail();
    return await askRegister(`${found.address}:${found.ports.sip}`, 'ann');
  }

  test('before it, both directions are steady and the pool is active', async () => {
    const lines = (await play('before')).join('\n');
    assert.match(lines, /east +west +users-east +Steady/);
    assert.match(lines, /state +Active/);
    assert.match(await register('east-1'), /^SIP\/2\.0 401 /);
  });

  test('failing over, every line comes in the order of the original', async () => {
    const lines = await play('failover');
    assert.equal(outOfOrder(lines, failoverOrder), undefined);
    assert.match(lines.join('\n'), /state +FailedOver/);
  });

  test('services restarted while failed over leave the pool failed over', async () => {
    const lines = (await play('restarted')).join('\n');
    assert.match(lines, /registrar +stopped +\w+ stopped it/);
    assert.match(lines, /registrar +running +east is FailedOver: points its users to west/);
    assert.match(await register('east-1'), /^SIP\/2\.0 302 /);
    assert.match(await register('west-1'), /^SIP\/2\.0 401 /);
  });

  test('failing back, every line comes in the order of the original', async () => {
    const lines = await play('failback');
    assert.equal(outOfOrder(lines, failbackOrder), undefined);
    assert.match(lines.join('\n'), /state +Active/);
    assert.match(await register('east-1'), /^SIP\/2\.0 401 /);
  });

  test('a state set by hand acts within 2 s', async () => {
    const took: number[] = [await setByHand()];
    while (Math.min(...took) >= byHandMs && took.length < triesMax) {
      await playStep(sites, 'failback');
      took.push(await setByHand());
    }
    assert.ok(Math.min(...took) < byHandMs, `it took ${took.join(', ')} ms`);
  });

  test('the page says all of it, but for what is measured', async () => {
    const transcript = Object.fromEntries(stepNames.map((step) => [step, played.get(step) ?? []]));
    const page = transcriptPage(transcript as Parameters<typeof transcriptPage>[0]);
    const written = await readFile(transcriptFile, 'utf8');
    assert.deepEqual(
      withoutMeasures(written).split('\n'),
      withoutMeasures(page).split('\n'),
      'record it anew: node packages/testkit/build/e2e/transcript/record.js',
    );
  });

  /** From the order until a server of west asks for ann's password itself, in milliseconds. */
  async function setByHand(): Promise<number> {
    const { runs: before } = await sites.client.listRuns();
    const playing = play('byHand');
    const servedAtMs = await whenServedAtWest(playing);
    assert.match((await playing).join('\n'), /state +FailedOver/);
    const { runs } = await sites.client.listRuns();
    const run = runs.find(({ id }) => before.every((each) => each.id !== id)) ?? assert.fail();
    return servedAtMs - run.startedAtMs;
  }

  async function whenServedAtWest(playing: Promise<unknown>): Promise<number> {
    let hasEnded = false;
    const ended = playing.finally(() => {
      hasEnded = true;
    });
    ended.catch(() => {}); // The test awaits it itself.
    for (;;) {
      const isLast = hasEnded;
      if ((await register('west-1')).startsWith('SIP/2.0 401 ')) return Date.now();
      if (isLast) assert.fail('the command has ended, and west does not serve');
      await sleep(lookMs);
    }
  }
});
