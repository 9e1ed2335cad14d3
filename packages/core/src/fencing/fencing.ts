import type { ServerName, SiteName } from '../ids.ts';

/** How a site is proven to be off: a command of the operator's, run by the agent that leads. */
export type Fencing = {
  /** Program and arguments; no shell reads them. What stands here is printed and journalled. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** What a line of its output must contain; `*` stands for anything. */
  readonly expect?: string;
};

/** A site that a plan has fenced before anything is decided: all of it is shown by what-if. */
export type PlannedFencing = Fencing & {
  readonly site: SiteName;
  /** Those that have to be off, with the addresses that they are reached by. */
  readonly servers: readonly { readonly name: ServerName; readonly address: string }[];
};

/** What makes it certain that the other side is off; `demandOff` says which it is. */
export type OffBy = 'word' | 'fencing' | 'nothing';

/** What became of one run of a command. Output is its head, errors included. */
export type CommandOutcome =
  | { readonly kind: 'notStarted'; readonly why: string }
  | { readonly kind: 'timedOut'; readonly output: string; readonly tookMs: number }
  | {
      readonly kind: 'ended';
      /** Undefined where a signal ended it. */
      readonly exitStatus?: number;
      readonly signal?: string;
      readonly output: string;
      readonly tookMs: number;
    };

// Bounds of a fencing command: its timeout in milliseconds, its words, what is kept of its output.
export const fencingTimeoutMs = { min: 1_000, default: 30_000, max: 600_000 } as const;
export const fencingWordsMax = 64;
export const fencingWordLengthMax = 1_024;
export const fencingOutputBytesMax = 16 * 1024;

/** The variables by which a fencing command is told what to prove, and for which run. */
export function fencingEnvironment(
  { site, servers }: Pick<PlannedFencing, 'site' | 'servers'>,
  run: string,
): Readonly<Record<string, string>> {
  return {
    UNDERSTUDY_FENCE_SITE: site,
    UNDERSTUDY_FENCE_SERVERS: servers.map(({ name }) => name).join(' '),
    UNDERSTUDY_FENCE_ADDRESSES: servers.map(({ address }) => address).join(' '),
    UNDERSTUDY_FENCE_RUN: run,
  };
}

/** The command as people read it; words with spaces or nothing in them stand in quotes. */
export function showCommand(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}

/** What has to be proven off, and how, in lines of what-if. */
export function fencingWords(fencings: readonly PlannedFencing[] = []): string[] {
  return fencings.map(({ site, servers, command, timeoutMs, expect }) => {
    const off = `site ${site} (${servers.map(({ name }) => name).join(', ')}) has to be off`;
    const proof = `${showCommand(command)} must end with 0 within ${timeoutMs / 1000} s`;
    const said = expect === undefined ? '' : ` and say ${JSON.stringify(expect)}`;
    return `${off}: ${proof}${said}`;
  });
}
