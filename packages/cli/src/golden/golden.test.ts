import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { cliPage, cliPageFile } from './cli-page.ts';
import { playTranscript, transcriptFile } from './play-transcript.ts';
import { transcripts } from './transcripts.ts';

for (const script of transcripts) {
  test(`${script.name}: what is printed is what was recorded (npm run golden)`, async () => {
    const recorded = await readFile(transcriptFile(script.name), 'utf8');
    assert.equal(await playTranscript(script), recorded);
  });
}

test('the page of the command line is fresh (npm run golden)', async () => {
  assert.equal(cliPage(), await readFile(cliPageFile, 'utf8'));
});
