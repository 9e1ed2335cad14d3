/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Planned switches of one dataset by the engine alone, under SQL writers through the gate.
// Usage, after `npm run build`:
//   node bench/dataset-switch/run.mjs [RUNS] [ROWS_PER_SECOND] [ROWS_PER_TRANSACTION]
import { measureSwitches } from '../shared/switch-dataset.mjs';

const [runs, perSecond, rows] = [2, 3, 4].map((index) => Number(process.argv[index] ?? Number.NaN));
const asked = { runs: runs || 20, perSecond: perSecond || 10_000, rows: rows || 10 };
const measured = await measureSwitches({
  ...asked,
  say: (line) => console.log(JSON.stringify(line)),
});
const { outages: _, ...summary } = measured;
console.log(JSON.stringify({ ...asked, ...summary }));
