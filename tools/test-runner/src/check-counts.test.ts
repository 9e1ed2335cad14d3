import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCounts, checkFloors, countTests, nextFloors } from './check-counts.ts';

const written = [
  { source: 'packages/x/src/a.test.ts', built: 'packages/x/build/a.test.js' },
  { source: 'packages/x/src/b.test.ts', built: 'packages/x/build/b.test.js' },
];
const [a, b] = ['packages/x/src/a.test.ts', 'packages/x/src/b.test.ts'] as const;

function run(outcomes: ('ran' | 'notRun')[]) {
  const lines = outcomes.map((outcome) => ({ file: '/clone/packages/x/build/a.test.js', outcome }));
  return countTests(written, lines);
}

test('a file that ran no test is refused, floor or not', () => {
  assert.match(checkCounts(run(['ran']), {}).join(), /b\.test\.ts ran 0 tests, its floor is 1/);
});

test('a file that ran fewer tests than its floor is refused', () => {
  const findings = checkCounts(run(['ran', 'ran']), { [a]: 3, [b]: 0 });
  assert.deepEqual(findings.length, 1);
  assert.match(findings.join(), /a\.test\.ts ran 2 tests, its floor is 3/);
});

test('a skipped test is refused and does not count as run', () => {
  const findings = checkCounts(run(['ran', 'notRun']), { [a]: 2, [b]: 0 });
  assert.match(findings.join('\n'), /ran 1 tests[\s\S]*skips 1 tests/);
});

test('a test file that is deleted leaves a floor behind and is noticed', () => {
  assert.match(
    checkFloors({ 'packages/x/src/c.test.ts': 4 }, written).join(),
    /c\.test\.ts .* gone/,
  );
});

test('recording keeps the floors of files not chosen and forgets those that are gone', () => {
  const counts = countTests(
    [written[0]!],
    [{ file: '/clone/packages/x/build/a.test.js', outcome: 'ran' }],
  );
  assert.deepEqual(nextFloors(counts, { [b]: 7, gone: 1 }, written), { [a]: 1, [b]: 7 });
});
