import { splitList } from './grammar/split-list.ts';
import { headerField, type HeaderField } from './header-field.ts';
import { headerKey } from './header-names.ts';
import type { SipMessage } from './message.ts';

/** The fields of a name, in order; compact and odd spellings are the same name. */
export function fieldsOf(message: SipMessage, name: string): HeaderField[] {
  const key = headerKey(name);
  return message.headers.filter((field) => field.key === key);
}

/** The first field's value; undefined when there is none. */
export function firstValue(message: SipMessage, name: string): string | undefined {
  const key = headerKey(name);
  return message.headers.find((field) => field.key === key)?.value;
}

/** The values of a comma-separated field, over all its lines and in order, as written. */
export function listValues(message: SipMessage, name: string): string[] {
  return fieldsOf(message, name).flatMap((field) => splitList(field.value));
}

/** The same message with these fields. */
export function withHeaders<M extends SipMessage>(message: M, headers: readonly HeaderField[]): M {
  return { ...message, headers };
}

/** With a field as the last one. */
export function withAppended<M extends SipMessage>(message: M, field: HeaderField): M {
  return withHeaders(message, [...message.headers, field]);
}

/**
 * With a field before the first of its name, or as the very first: where Via, Route, Record-Route
 * and Path of this hop belong.
 */
export function withPrepended<M extends SipMessage>(message: M, field: HeaderField): M {
  const at = message.headers.findIndex((each) => each.key === field.key);
  return withHeaders(message, message.headers.toSpliced(Math.max(at, 0), 0, field));
}

/** Without any field of that name. */
export function withoutField<M extends SipMessage>(message: M, name: string): M {
  const key = headerKey(name);
  return withHeaders(
    message,
    message.headers.filter((field) => field.key !== key),
  );
}

/** With one field of that name: in the place of the first there was, or at the end. */
export function withField<M extends SipMessage>(message: M, name: string, value: string): M {
  const field = headerField(name, value);
  const at = message.headers.findIndex((each) => each.key === field.key);
  if (at < 0) {
    return withAppended(message, field);
  }
  const others = message.headers.filter((each, index) => index === at || each.key !== field.key);
  return withHeaders(message, others.with(at, field));
}

/** The first value of a comma-separated field replaced; the other values stay as written. */
export function withFirstValue<M extends SipMessage>(message: M, name: string, value: string): M {
  return replaceFirstValue(message, name, (rest) => [value, ...rest]);
}

/** Without the first value of a comma-separated field: the top Via, the first Route. */
export function withoutFirstValue<M extends SipMessage>(message: M, name: string): M {
  return replaceFirstValue(message, name, (rest) => rest);
}

function replaceFirstValue<M extends SipMessage>(
  message: M,
  name: string,
  change: (rest: readonly string[]) => readonly string[],
): M {
  const key = headerKey(name);
  const at = message.headers.findIndex((field) => field.key === key);
  const field = message.headers[at];
  if (field === undefined) {
    return message;
  }
  const values = change(splitList(field.value).slice(1));
  const headers =
    values.length === 0
      ? message.headers.toSpliced(at, 1)
      : message.headers.with(at, { ...field, value: values.join(', ') });
  return withHeaders(message, headers);
}
