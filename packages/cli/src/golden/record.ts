// Records what the commands print and what the documentation says of them: `npm run golden`.
import { writeFile } from 'node:fs/promises';
import { cliPage, cliPageFile } from './cli-page.ts';
import { playTranscript, transcriptFile } from './play-transcript.ts';
import { transcripts } from './transcripts.ts';

for (const script of transcripts) {
  await writeFile(transcriptFile(script.name), await playTranscript(script));
}
await writeFile(cliPageFile, cliPage());
