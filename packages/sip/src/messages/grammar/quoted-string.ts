/** The text of a quoted string, without quotes and escapes; any other text as it is. */
export function unquote(value: string): string {
  if (value.length < 2 || value[0] !== '"' || !value.endsWith('"')) {
    return value;
  }
  const inner = value.slice(1, -1);
  return inner.includes('\\') ? withoutEscapes(inner) : inner;
}

function withoutEscapes(text: string): string {
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    at += text[at] === '\\' ? 1 : 0;
    plain += text[at] ?? '';
  }
  return plain;
}

/** A quoted string that says this text; quotes and backslashes are escaped. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
