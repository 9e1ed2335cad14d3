import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readVoice, secondsOf, shareOfTone, since, writeTone } from './tone.ts';

test('a tone is found, and neither another one nor silence nor a gap', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-tone-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'tone.wav');
  await writeTone(file, 440, 2);
  const voice = await readVoice(file);
  assert.equal(secondsOf(voice), 2);
  assert.equal(secondsOf(since(voice, 1.5)), 0.5);
  assert.equal(shareOfTone(voice, 440), 1);
  assert.equal(shareOfTone(voice, 1_000), 0);
  assert.equal(shareOfTone({ samples: new Int16Array(8_000) }, 440), 0);
  assert.equal(shareOfTone({ samples: new Int16Array(0) }, 440), 0);
  const half = { samples: voice.samples.map((level, index) => (index < 8_000 ? level : 0)) };
  assert.equal(shareOfTone(half, 440), 0.5);
});
