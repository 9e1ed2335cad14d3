const headerLengthMax = 4096;
const parametersMax = 20;
// RFC 9110, section 11.2: token BWS "=" BWS ( token / quoted-string ). Sticky and without nested
// repetition, so that its time grows with the length alone.
const parameter =
  /[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*(?:,|$)/y;

/**
 * The parameters behind `Digest`, their names in lower case, their values without quotes; undefined
 * for another scheme, and for what is malformed or too long.
 */
export function digestParameters(value: string): ReadonlyMap<string, string> | undefined {
  if (value.length > headerLengthMax || !/^digest[ \t]/i.test(value)) return undefined;
  const text = value.slice('digest'.length);
  const found = new Map<string, string>();
  parameter.lastIndex = 0;
  while (parameter.lastIndex < text.length) {
    const match = parameter.exec(text);
    const key = match?.[1]?.toLowerCase();
    // A parameter given twice could be read differently by two readers: it is refused.
    if (match === null || key === undefined || found.has(key)) return undefined;
    if (found.size === parametersMax) return undefined;
    found.set(key, match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  return found;
}

/** A value as a quoted string (RFC 9110, section 5.6.4). */
export function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
