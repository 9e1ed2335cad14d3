import type { RunDetail } from '@understudy/api';
import type { JournalLine } from '@understudy/core';
import type { CliContext } from '../cli-context.ts';
import { showDuration } from '../show/amounts.ts';
import { journalText } from '../show/run-rows.ts';
import { cut } from '../show/wrap.ts';

/** The story of a run as it is told: each line once, in the order of the journal. */
export type Transcript = {
  readonly journal: readonly JournalLine[];
  /** The number after which the next lines are wanted. */
  readonly after: number;
  add(detail: RunDetail): void;
  note(words: string): void;
  /** Takes the progress line away. */
  close(): void;
};

/** Every line with `verbose`; else the ends of steps, and in a terminal the one that goes on. */
export function createTranscript(context: CliContext, verbose: boolean): Transcript {
  const progress = createProgress(context);
  const journal: JournalLine[] = [];
  const seen = new Set<string>();
  let attempt = 0;
  let after = 0;

  const add = ({ row, journal: lines }: RunDetail): void => {
    // A run that was taken over may number its lines anew; those of before are known by `seen`.
    if (row.attempt !== attempt) after = 0;
    attempt = row.attempt;
    for (const line of lines) {
      if (line.attempt === attempt) after = Math.max(after, line.number);
      const key = `${line.attempt}.${line.number}`;
      if (seen.has(key)) continue;
      seen.add(key);
      journal.push(line);
      tell(line);
    }
  };

  const tell = (line: JournalLine): void => {
    progress.clear();
    if (verbose) context.say(journalText(line));
    else if (isEnd(line)) context.say(endText(line));
    if (line.event === 'started') progress.show(line.step);
  };

  return {
    journal,
    get after() {
      return after;
    },
    add,
    note: (words) => progress.show(words),
    close: () => progress.clear(),
  };
}

function isEnd({ event }: JournalLine): boolean {
  return event !== 'started' && event !== 'finished';
}

function endText({ step, event, why, tookMs }: JournalLine): string {
  const took = tookMs === undefined ? '' : ` (${showDuration(tookMs)})`;
  const isBad = event === 'failed' || event === 'refused' || event === 'undone';
  const failed = isBad ? `${event.toUpperCase()} ` : '';
  return `${failed}${step}${took}${why === '' ? '' : `: ${why}`}`;
}

type Progress = { show(words: string): void; clear(): void };

/** One line that is written over; nothing where the output is not a terminal. */
function createProgress({ world, globals }: CliContext): Progress {
  const { stdout } = world;
  const isShown = stdout.isTerminal && globals.json !== true;
  let hasLine = false;
  const clear = (): void => {
    if (hasLine) stdout.write('\r\u001b[K'); // Erase in line (ECMA-48, 8.3.41).
    hasLine = false;
  };
  const show = (words: string): void => {
    if (!isShown) return;
    clear();
    stdout.write(cut(`… ${words}`, stdout.columns - 1));
    hasLine = true;
  };
  return { show, clear };
}
