import { checkTopology, type Topology, type TopologyFinding } from '@understudy/core';
import { draftTopology } from './draft-topology.ts';
import { Locator } from './locate.ts';
import { type Mistake, type Mistakes, sortMistakes } from './mistake.ts';
import { plainValue, readYaml } from './read-yaml.ts';
import { findSchemaMistakes, type PathMistake } from './schema-mistakes.ts';

export type TopologyFile =
  | { readonly topology: Topology; readonly mistakes?: undefined }
  | (Mistakes & { readonly topology?: undefined });

/**
 * Reads a topology file: YAML, its shape, and what it says together, with every mistake of all
 * three at once and where it stands. `fileName` is only for messages. Never throws.
 */
export function parseTopologyFile(text: string, fileName: string): TopologyFile {
  const { document, lines, brokenAt, mistakes: yamlMistakes } = readYaml(text);
  if (document === undefined) return { fileName, mistakes: yamlMistakes };
  const value = plainValue(document.contents);
  const locator = new Locator(document, lines);
  const schemaMistakes = findSchemaMistakes(value, locator);
  const topology = draftTopology(value);
  // What a broken text holds after its first error, or lacks, is guesswork: it is not judged.
  const judged =
    brokenAt === undefined
      ? [...schemaMistakes, ...findRuleMistakes(topology, { locator, schemaMistakes })]
      : schemaMistakes.filter((each) => !each.isMissing && isBefore(each, brokenAt));
  const said = new Set(yamlMistakes.map(keyOf));
  const unsaid = judged.filter((mistake) => !said.has(keyOf(mistake)));
  const mistakes = sortMistakes([...yamlMistakes, ...unsaid].map(withoutPath));
  return mistakes.length === 0 ? { topology } : { fileName, mistakes };
}

function findRuleMistakes(
  topology: Topology,
  known: { readonly locator: Locator; readonly schemaMistakes: readonly PathMistake[] },
): readonly Mistake[] {
  const { locator, schemaMistakes } = known;
  return checkTopology(topology)
    .filter((finding) => !schemaMistakes.some((mistake) => isAbout(finding, mistake)))
    .map(({ path, what, todo }) => ({ ...locator.value(path), what, todo }));
}

/** The rule's finding comes of a value whose shape is wrong already. */
function isAbout(finding: TopologyFinding, mistake: PathMistake): boolean {
  const length = Math.min(finding.path.length, mistake.path.length);
  return finding.path.slice(0, length).every((part, index) => part === mistake.path[index]);
}

function keyOf({ line, column }: Mistake): string {
  return `${line}:${column}`;
}

function isBefore(mistake: Mistake, other: Mistake): boolean {
  return mistake.line < other.line;
}

function withoutPath({ line, column, what, todo }: Mistake): Mistake {
  return { line, column, what, todo };
}
