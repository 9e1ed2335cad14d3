import { type LimitName, type LimitSpec, limitTable } from './limits.ts';

/** The page docs/operating/limits.md: every default and bound, from the table. */
export function drawLimits(): string {
  const names = Object.keys(limitTable) as LimitName[];
  return [
    '# Limits',
    '',
    'Every default and bound of the product. A `limits` section in the topology file changes one',
    'within its bounds; numbers are milliseconds, bytes or counts, as the unit says.',
    '',
    'Generated from `packages/core/src/limits.ts`; edit the table, not this page.',
    '',
    '| Limit | What | Default | Least | Most |',
    '|---|---|---|---|---|',
    ...names.map((name) => drawLimit(name, limitTable[name])),
    '',
  ].join('\n');
}

function drawLimit(name: LimitName, spec: LimitSpec): string {
  const shown = [spec.default, spec.min, spec.max].map((value) => show(value, spec.unit));
  return `| \`${name}\` | ${spec.about} | ${shown.join(' | ')} |`;
}

/** The number as the file has it, and in the unit that people think in. */
function show(value: number, unit: LimitSpec['unit']): string {
  if (unit === 'count' || value === 0) return `${value}`;
  const steps = unit === 'ms' ? times : sizes;
  const step = steps.find(([size]) => value >= size && value % size === 0);
  return step === undefined ? `${value} ${unit}` : `${value} (${value / step[0]} ${step[1]})`;
}

const times: readonly (readonly [number, string])[] = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];
const sizes: readonly (readonly [number, string])[] = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];
