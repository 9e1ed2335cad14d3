import type { Parameter, Parameters } from '../parameters.ts';
import { tokenCharacters, valueCharacters } from './characters.ts';
import { type Cursor, isAtEnd, takeAll, takeQuoted, takeSeparator } from './cursor.ts';

/**
 * `*( SEMI generic-param )` from the cursor to the end of its text (RFC 3261, section 25.1);
 * undefined when anything else stands there, such as two semicolons in a row.
 */
export function readParameters(cursor: Cursor): Parameters | undefined {
  const parameters: Parameter[] = [];
  while (takeSeparator(cursor, ';')) {
    const parameter = readParameter(cursor);
    if (parameter === undefined) {
      return undefined;
    }
    parameters.push(parameter);
  }
  return isAtEnd(cursor) ? parameters : undefined;
}

/** `name [ EQUAL value ]`, the value a token, a host or a quoted string, kept as written. */
export function readParameter(cursor: Cursor): Parameter | undefined {
  const name = takeAll(cursor, tokenCharacters);
  if (name === '') {
    return undefined;
  }
  if (!takeSeparator(cursor, '=')) {
    return { name };
  }
  return { name, value: takeQuoted(cursor) ?? takeAll(cursor, valueCharacters) };
}

/** The parameters as they stand behind a value: `;lr;tag=1`. */
export function writeParameters(parameters: Parameters): string {
  let text = '';
  for (const { name, value } of parameters) {
    text += value === undefined ? `;${name}` : `;${name}=${value}`;
  }
  return text;
}
