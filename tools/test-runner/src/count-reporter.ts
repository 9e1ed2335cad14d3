import type { TestEvent } from 'node:test/reporters';

/** One line of the counting reporter's output. */
export type CountLine = { readonly file: string; readonly outcome: 'ran' | 'notRun' };

/**
 * A reporter for `node --test` that writes a line of JSON for every test that was met. Node reports
 * a file without tests as one passing test named like the file: that one is left out, so that an
 * empty file counts nothing.
 */
export default async function* countReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { file, name, details, skip, todo } = event.data;
    if (!file || name === file || details.type === 'suite') continue;
    const isRun = (skip ?? false) === false && (todo ?? false) === false;
    const line: CountLine = { file, outcome: isRun ? 'ran' : 'notRun' };
    yield `${JSON.stringify(line)}\n`;
  }
}
