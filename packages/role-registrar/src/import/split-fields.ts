export type Fields = { readonly fields: readonly string[] } | { readonly why: string };

/** The fields of one record (RFC 4180, section 2), or why it is none. */
export function splitFields(text: string): Fields {
  const fields: string[] = [];
  let at = 0;
  // Ends: each turn moves `at` behind a field, to the end of the text at the latest.
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
    if ('why' in field) return field;
    fields.push(field.value);
    if (field.end >= text.length) return { fields };
    at = field.end + 1;
  }
}

type Field = { readonly value: string; readonly end: number } | { readonly why: string };

function plainField(text: string, at: number): Field {
  const comma = text.indexOf(',', at);
  const end = comma === -1 ? text.length : comma;
  const value = text.slice(at, end);
  if (!value.includes('"')) return { value, end };
  return { why: 'a quote stands inside a field that does not begin with one' };
}

function quotedField(text: string, at: number): Field {
  let close = text.indexOf('"', at + 1);
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close === -1) return { why: 'a quote is opened and never closed' };
  const end = close + 1;
  if (end < text.length && text[end] !== ',') return { why: 'text follows a closing quote' };
  return { value: text.slice(at + 1, close).replaceAll('""', '"'), end };
}
