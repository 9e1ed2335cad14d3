import { capabilityNames, type ServiceLevel, services } from './capabilities.ts';
import { type LimitedFact, limitedMode, limitedStates } from './limited-mode.ts';

/** The part of docs/operating/pool-states.md about limited mode, from its table. */
export function drawLimitedMode(): readonly string[] {
  const all = limitedStates.flatMap((state) =>
    Object.entries(limitedMode[state]).map(([fact, next]) => ({
      state,
      fact: fact as LimitedFact,
      ...next,
    })),
  );
  return [
    '## Limited mode, as the backup pool sees it',
    '',
    'From `packages/core/src/pool/limited-mode.ts`; beside the states above, while it is Active.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> off',
    ...all.map(({ state, fact, to }) => `  ${state} --> ${to}: ${fact}`),
    '```',
    '',
    ...all.map(({ state, fact, to, why }) => `- ${state}, ${fact}, ${to}: ${why}.`),
  ];
}

/** What users can do at each level of service, from the table that they are answered by. */
export function drawServices(): readonly string[] {
  const levels = Object.keys(services) as readonly ServiceLevel[];
  const rows = capabilityNames.map((name) => {
    const cells = levels.map((level) => {
      const { answer, why } = services[level].capabilities[name];
      return answer === 'works' && why === 'as always' ? answer : `${answer}: ${why}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [
    '## What users can do',
    '',
    'From `packages/core/src/pool/capabilities.ts`; users ask with `GET /v1/me/capabilities`.',
    '',
    `| | ${levels.join(' | ')} |`,
    `|---|${levels.map(() => '---|').join('')}`,
    ...rows,
    `| until | ${levels.map((level) => services[level].until).join(' | ')} |`,
  ];
}
