import { type CommandOutcome, type PlannedFencing, showCommand } from './fencing.ts';

// What a fencing command proves (V6, decisions/0039).
//
// F1. A site is off only when the command ended by itself, in time, with exit status 0, and a line
//     of its output holds what is expected. Everything else proves nothing.

export type FencingVerdict = {
  readonly isProven: boolean;
  /** The one sentence: command, exit status, how long, output's head, and what follows. */
  readonly why: string;
};

/** Characters of the output that the sentence quotes. */
const quotedMax = 200;

/** Judges one run of the command. */
export function judgeFencing(fencing: PlannedFencing, outcome: CommandOutcome): FencingVerdict {
  const { site } = fencing;
  const done = `${showCommand(fencing.command)} ${whatBecame(outcome)}`;
  const lack = whatLacks(fencing, outcome);
  if (lack === undefined) return { isProven: true, why: `site ${site} is off: ${done}` };
  return { isProven: false, why: `nothing proves that site ${site} is off: ${done}${lack}` };
}

function whatBecame(outcome: CommandOutcome): string {
  if (outcome.kind === 'notStarted') return `could not be run (${outcome.why})`;
  const after = `after ${(outcome.tookMs / 1000).toFixed(1)} s`;
  const said = quote(outcome.output);
  if (outcome.kind === 'timedOut') return `had not ended ${after} and was killed; it ${said}`;
  const { exitStatus, signal } = outcome;
  const how = exitStatus === undefined ? `was ended by ${signal}` : `ended with ${exitStatus}`;
  return `${how} ${after}; it ${said}`;
}

/** What the proof lacks, as the end of the sentence; undefined where it lacks nothing. */
function whatLacks({ expect }: PlannedFencing, outcome: CommandOutcome): string | undefined {
  if (outcome.kind !== 'ended' || outcome.exitStatus !== 0) return '';
  if (expect === undefined || hasExpected(outcome.output, expect)) return undefined;
  return `, and no line of that contains ${JSON.stringify(expect)}`;
}

/** A line holds all parts between the stars, in their order: no pattern can make this slow. */
export function hasExpected(output: string, expect: string): boolean {
  const parts = expect.split('*');
  return output.split('\n').some((line) => holdsInOrder(line, parts));
}

function holdsInOrder(line: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    const at = line.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

function quote(output: string): string {
  const words = output.replaceAll(/\s+/g, ' ').trim();
  if (words === '') return 'said nothing';
  const isCut = words.length > quotedMax;
  return `said ${JSON.stringify(words.slice(0, quotedMax))}${isCut ? ' and more' : ''}`;
}
