import { runCli } from '../run-cli.ts';
import { serveOperators } from './fake-operators.ts';
import { aWorld } from './fake-world.ts';
import type { TranscriptScript } from './transcripts.ts';

/** The commands with all that they print; lines of standard error begin with `! `. */
export async function playTranscript(script: TranscriptScript): Promise<string> {
  await using operators = await serveOperators(script.answers);
  const parts: string[] = [`${script.proves}\n`];
  for (const words of script.commands) {
    const world = aWorld({ url: operators.url });
    const exit = await runCli(words, world);
    parts.push(`\n$ understudy ${words.join(' ')}\n`, ...world.written, `(exit code ${exit})\n`);
  }
  return parts.join('').replaceAll(operators.url, 'http://127.0.0.1:PORT');
}

/** Where the transcript of that name is kept, beside the sources. */
export function transcriptFile(name: string): URL {
  return new URL(`../../src/golden/${name}.golden.txt`, import.meta.url);
}
