import type { SrvRecord } from './resolver.ts';

/**
 * SRV records in the order to be tried (RFC 2782, "Usage rules"): the lowest priority first, and
 * within one priority drawn by weight. `fraction` gives numbers of at least 0 and below 1.
 */
export function orderSrv(
  records: readonly SrvRecord[],
  fraction: () => number,
): readonly SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))];
  return priorities
    .toSorted((left, right) => left - right)
    .flatMap((wanted) =>
      drawAll(
        records.filter(({ priority }) => priority === wanted),
        fraction,
      ),
    );
}

function drawAll(records: readonly SrvRecord[], fraction: () => number): readonly SrvRecord[] {
  // Those of weight 0 come first in the running sum, so that they keep a very small chance.
  const left = records.toSorted((one, other) => one.weight - other.weight);
  const drawn: SrvRecord[] = [];
  while (left.length > 0) drawn.push(...left.splice(draw(left, fraction), 1));
  return drawn;
}

function draw(records: readonly SrvRecord[], fraction: () => number): number {
  const total = records.reduce((sum, { weight }) => sum + weight, 0);
  const mark = Math.floor(fraction() * (total + 1));
  let sum = 0;
  return records.findIndex(({ weight }) => {
    sum += weight;
    return sum >= mark;
  });
}
