import { nearestName } from './nearest-name.ts';

/** Where in the topology, in the file's own words: `['pools', 0, 'backupPool']`. */
export type TopologyPath = readonly (string | number)[];

/** A mistake in a topology: nothing starts while there is one. */
export type TopologyFinding = {
  readonly path: TopologyPath;
  /** What is wrong. */
  readonly what: string;
  /** What would be right. */
  readonly todo: string;
};

/** A finding about a name that nothing has; undefined when `known` has it, or it is missing. */
export function findUnknown(
  path: TopologyPath,
  reference: { readonly kind: string; readonly name: string },
  known: readonly { readonly name: string }[],
): TopologyFinding | undefined {
  const { kind, name } = reference;
  const names = known.map((each) => each.name);
  if (name === '' || names.includes(name)) return undefined;
  const nearest = nearestName(name, names);
  const todo =
    nearest === undefined ? `known are: ${listNames(names)}` : `did you mean \`${nearest}\`?`;
  return { path, what: `there is no ${kind} named \`${name}\``, todo };
}

const shownNamesMax = 10;

/** Names as a sentence lists them; long lists are cut. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return '(none)';
  const shown = names.slice(0, shownNamesMax).join(', ');
  return names.length > shownNamesMax ? `${shown} and ${names.length - shownNamesMax} more` : shown;
}

/** Those of a list that occur before in it, with the place of the first. */
export function findRepeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number | undefined,
): readonly { readonly item: Item; readonly index: number; readonly first: number }[] {
  const seen = new Map<string | number, number>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined || key === '') return [];
    const first = seen.get(key);
    if (first !== undefined) return [{ item, index, first }];
    seen.set(key, index);
    return [];
  });
}
