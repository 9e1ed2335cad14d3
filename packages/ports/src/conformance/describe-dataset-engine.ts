import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { edgeCases } from './edge-cases.ts';
import { engineCases } from './engine-cases.ts';
import { type EngineSubject, stageOf } from './engine-subject.ts';

/** Runs the suite that every dataset engine passes, the fake and the real. */
export function describeDatasetEngine(name: string, open: () => Promise<EngineSubject>): void {
  void describe(`${name} is a dataset engine`, () => {
    let subject: EngineSubject | undefined;
    before(async () => {
      subject = await open();
    });
    after(async () => {
      await subject?.[Symbol.asyncDispose]();
    });
    Object.entries({ ...engineCases, ...edgeCases }).forEach(([title, runCase], index) => {
      void test(title, async () => {
        assert.ok(subject);
        await runCase(stageOf(subject, index + 1));
      });
    });
  });
}
