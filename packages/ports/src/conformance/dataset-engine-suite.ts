import { type ConformanceSuite, conformanceSuite } from './conformance-suite.ts';
import { edgeCases } from './edge-cases.ts';
import { engineCases } from './engine-cases.ts';
import { furtherCopyCases } from './further-copy-cases.ts';
import { salvageCases } from './salvage-cases.ts';
import { syncCases } from './sync-cases.ts';
import { type EngineSubject, stageOf } from './engine-subject.ts';

/** The suite that every dataset engine passes, the fake and the real. */
export function datasetEngineSuite(open: () => Promise<EngineSubject>): ConformanceSuite {
  const cases = Object.entries({
    ...engineCases,
    ...edgeCases,
    ...furtherCopyCases,
    ...salvageCases,
    ...syncCases,
  }).map(
    ([title, runCase]) =>
      [
        title,
        (subject: EngineSubject, number: number) => runCase(stageOf(subject, number)),
      ] as const,
  );
  return conformanceSuite(open, Object.fromEntries(cases));
}
