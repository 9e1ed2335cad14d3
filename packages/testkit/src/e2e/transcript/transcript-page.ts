import { failbackOrder, failoverOrder, type OrderLine } from './original-order.ts';
import type { StepName } from './play-transcript.ts';

/** The page of the documentation that is typed and pasted by this suite. */
export const transcriptFile = new URL(
  '../../../../../docs/operating/transcript.md',
  import.meta.url,
);

export type Transcript = Readonly<Record<StepName, readonly string[]>>;

export function transcriptPage(transcript: Transcript): string {
  const shown = (step: StepName) => ['```text', ...transcript[step].slice(0, -1), '```', ''];
  return [
    words.head,
    ...shown('before'),
    words.failover,
    ...shown('failover'),
    ...orderTable(failoverOrder),
    words.restarted,
    ...shown('restarted'),
    '## Failing back\n',
    ...shown('failback'),
    ...orderTable(failbackOrder),
    words.byHand,
    ...shown('byHand'),
  ].join('\n');
}

function orderTable(order: readonly OrderLine[]): readonly string[] {
  return [
    '| the original, in its order | here |',
    '|---|---|',
    ...order.map(({ original, words }) => `| ${original} | ${words} |`),
    '',
  ];
}

const words = {
  head: `# A failover, command by command

Played by the tests in \`packages/testkit/src/e2e/transcript\`, which compare this page with what
the commands say, but for what is measured. Recorded anew by
\`node packages/testkit/build/e2e/transcript/record.js\`.

Whoever has the names of Lync and Skype for Business in their fingers may type them, as here; what
each means among our own commands is printed first. Pool \`east\` has one user, \`ann\`.

## Before

Both directions are steady: a failover is safe. (The originals' FinalState is true of a pool that
takes no writes.)
`,
  failover: `## Failing over
`,
  restarted: `## Services restarted while failed over

The registrar that runs again stays failed over: starting services brings no pool home. A phone that
asks it to sign in is sent to the backup (302). Replication went on all the while, with the agent
and the store.
`,
  byHand: `## A state set by hand

In the originals the pool reacted after about 90 s, and 30 s later its backup had loaded the routing
groups. Here it is the run that leads to the state, and a phone is served by the backup within 2 s
(the test measures it). A registrar's settings are not lost on the way: nothing is made on the fly,
they stand in the topology file.
`,
} as const;
