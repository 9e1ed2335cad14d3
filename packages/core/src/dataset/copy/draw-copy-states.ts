import type { CopyFact } from './copy-fact.ts';
import { copyLifecycle, type Transition } from './copy-lifecycle.ts';
import type { CopyState } from './copy-state.ts';

type Row = Transition & { readonly state: CopyState; readonly fact: CopyFact };

const states = Object.keys(copyLifecycle) as CopyState[];

/** The page docs/operating/copy-states.md: drawing, meanings and full grid, from the table. */
export function drawCopyStates(): string {
  const rows = listRows();
  return [
    '# States of a copy',
    '',
    'Generated from `packages/core/src/dataset/copy/copy-lifecycle.ts`; edit the table, not this' +
      ' page.',
    '',
    '## What each state means',
    '',
    '| State | Meaning |',
    '|---|---|',
    ...states.map((state) => `| ${pascal(state)} | ${meanings[state]} |`),
    '',
    '## Drawing',
    '',
    'Facts that end in `Ordered` come from a runbook or an operator; the others are observed.',
    'Left out here: `storeDown`, which leads from every state to Failed, and what leads nowhere.',
    '',
    ...drawing(rows),
    '',
    '## What follows from each fact in each state',
    '',
    'An empty field: nothing follows, and such an order is refused there.',
    '',
    ...grid(rows),
    '',
    '## What is done, and why',
    '',
    ...states.flatMap((state) => reasons(state, rows)),
  ].join('\n');
}

const meanings: { readonly [state in CopyState]: string } = {
  seeding: 'It is made from nothing, or is waiting to be; it cannot take over.',
  catchingUp: 'It follows the active copy and does not equal it yet; forcing it may lose writes.',
  healthy: 'It equals the active copy and is close enough for a planned switch.',
  mounting: 'Its gate is being opened.',
  mounted: 'It is the active copy and takes writes.',
  dismounting: 'Its gate is being shut.',
  dismounted: 'It is the active copy and takes no writes; the reason says what it waits for.',
  suspended: 'An operator keeps it from following.',
  disconnected: 'It gets nothing from the active copy.',
  diverged: 'It holds writes that the active copy never had; they are kept when it is reseeded.',
  failed: 'It cannot go on; the reason says why. It is reseeded where only that helps.',
};

function listRows(): readonly Row[] {
  return states.flatMap((state) =>
    Object.entries(copyLifecycle[state]).map(([fact, transition]) => ({
      ...transition,
      state,
      fact: fact as CopyFact,
    })),
  );
}

function drawing(rows: readonly Row[]): readonly string[] {
  const arrows = new Map<string, CopyFact[]>();
  for (const { state, fact, to } of rows) {
    if (state === to || fact === 'storeDown') continue;
    const arrow = `${pascal(state)} --> ${pascal(to)}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), fact]);
  }
  const lines = [...arrows].map(([arrow, facts]) => `  ${arrow}: ${facts.join('<br/>')}`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> Seeding', ...lines, '```'];
}

function grid(rows: readonly Row[]): readonly string[] {
  const facts = [...new Set(rows.map(({ fact }) => fact))];
  const cell = (fact: CopyFact, state: CopyState) => {
    const row = copyLifecycle[state][fact];
    return row === undefined ? '' : pascal(row.to);
  };
  return [
    `| Fact | ${states.map(pascal).join(' | ')} |`,
    `|---|${states.map(() => '---|').join('')}`,
    ...facts.map((fact) => `| \`${fact}\` | ${states.map((s) => cell(fact, s)).join(' | ')} |`),
  ];
}

function reasons(state: CopyState, rows: readonly Row[]): readonly string[] {
  return [
    `### ${pascal(state)}`,
    '',
    '| Fact | To | Action | Why |',
    '|---|---|---|---|',
    ...rows
      .filter((row) => row.state === state)
      .map(({ fact, to, action, why }) => `| \`${fact}\` | ${pascal(to)} | ${action} | ${why} |`),
    '',
  ];
}

/** As screens show a state (docs/glossary.md). */
function pascal(state: CopyState): string {
  return `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
}
