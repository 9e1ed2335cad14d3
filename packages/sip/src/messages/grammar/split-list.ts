import { endOfQuoted } from './cursor.ts';

/**
 * The values of a comma-separated header field (RFC 3261, section 7.3.1), without the white space
 * around them. Commas in quoted strings and between angle brackets separate nothing. Empty values
 * are kept, for whoever reads them to judge; a quote or bracket without its end takes the rest.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) {
    return [value.trim()];
  }
  const values: string[] = [];
  let from = 0;
  for (let at = 0; at < value.length; at = nextPlace(value, at)) {
    if (value[at] === ',') {
      values.push(value.slice(from, at).trim());
      from = at + 1;
    }
  }
  values.push(value.slice(from).trim());
  return values;
}

const closers: Readonly<Record<string, (text: string, at: number) => number>> = {
  '"': endOfQuoted,
  '<': (text, at) => text.indexOf('>', at) + 1,
};

function nextPlace(text: string, at: number): number {
  const end = closers[text[at] ?? '']?.(text, at);
  if (end === undefined) {
    return at + 1;
  }
  return end > 0 ? end : text.length;
}
