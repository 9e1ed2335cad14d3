import { drawLimitedMode, drawServices } from './draw-limited-mode.ts';
import { type PoolFact, poolLifecycle, poolStates, registrarDuties } from './pool-lifecycle.ts';

/** The page docs/operating/pool-states.md: drawing, duties and full grid, from the tables. */
export function drawPoolStates(): string {
  return [
    '# States of a pool',
    '',
    'Generated from `packages/core/src/pool/pool-lifecycle.ts`; edit the tables, not this page.',
    '',
    ...drawing(),
    '',
    '## What each state means for the registrars',
    '',
    ...duties(),
    '',
    '## What follows from what',
    '',
    'An empty field: the fact is refused in that state.',
    '',
    ...grid(),
    '',
    '## Why',
    '',
    ...reasons(),
    '',
    ...drawLimitedMode(),
    '',
    ...drawServices(),
    '',
  ].join('\n');
}

function drawing(): string[] {
  const arrows = eachTransition().map(
    ({ state, fact, to }) => `  ${pascal(state)} --> ${pascal(to)}: ${fact}`,
  );
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> Active', ...arrows, '```'];
}

function duties(): string[] {
  const rows = poolStates.map((state) => {
    const { home, backup } = registrarDuties[state];
    return `| ${pascal(state)} | ${home} | ${backup} |`;
  });
  return ["| state | home pool's registrar | backup pool's registrar |", '|---|---|---|', ...rows];
}

function grid(): string[] {
  const facts = [...new Set(eachTransition().map(({ fact }) => fact))].sort();
  const rows = facts.map((fact) => {
    const cells = poolStates.map((state) => {
      const next = poolLifecycle[state][fact];
      return next === undefined ? '' : `${pascal(next.to)}, ${next.action}`;
    });
    return `| ${fact} | ${cells.join(' | ')} |`;
  });
  const head = `| fact | ${poolStates.map(pascal).join(' | ')} |`;
  return [head, `|---|${poolStates.map(() => '---|').join('')}`, ...rows];
}

function reasons(): string[] {
  return eachTransition().map(
    ({ state, fact, to, why }) => `- ${pascal(state)}, ${fact}, ${pascal(to)}: ${why}.`,
  );
}

function eachTransition() {
  return poolStates.flatMap((state) =>
    Object.entries(poolLifecycle[state]).map(([fact, transition]) => ({
      state,
      fact: fact as PoolFact,
      ...transition,
    })),
  );
}

export function pascal(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
