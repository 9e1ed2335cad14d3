import { writeFile } from 'node:fs/promises';
import { openTranscriptSites } from './open-transcript-sites.ts';
import { playStep, stepNames } from './play-transcript.ts';
import { type Transcript, transcriptFile, transcriptPage } from './transcript-page.ts';

// Records docs/operating/transcript.md by playing it.

await using sites = await openTranscriptSites();
const steps: [string, readonly string[]][] = [];
for (const step of stepNames) steps.push([step, await playStep(sites, step)]);
await writeFile(transcriptFile, transcriptPage(Object.fromEntries(steps) as Transcript));
