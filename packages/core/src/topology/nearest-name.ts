/** The known name that `name` most likely means, by edit distance; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > comparedLengthMax) return undefined;
  const distanceMax = Math.max(2, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let least = distanceMax + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > distanceMax) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** The known names for a message about an unknown one: `east, west; did you mean east?` */
export function namesLike(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const all = known.join(', ') || 'none';
  return nearest === undefined ? all : `${all}; did you mean ${nearest}?`;
}

/** Longer texts are nobody's typing error, and comparing them costs the product of lengths. */
const comparedLengthMax = 64;

/** Insertions, removals and replacements from `left` to `right` (Levenshtein). */
export function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[right.length] ?? 0;
}
