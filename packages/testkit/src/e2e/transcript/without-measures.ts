// Two transcripts of the same commands differ in what was measured, and in nothing else.

const measures: readonly (readonly [RegExp, string])[] = [
  // The run waits at full service, or does not have to.
  [/^(?:\S+ {2}steady-state {2}note|steady-state): .*\n/gm, ''],
  // It does so at once, or its agent sees to it a moment later.
  [/(old-side-follows.*?: ).*/g, '$1IT FOLLOWS'],
  [/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME'],
  [/begun by \S+/g, 'begun by NAME'],
  [/\b[0-9A-F]+\/[0-9A-F]+\b/g, 'LSN'],
  [/[\d.]+ (?:[kM]?B|ms|s|min)\b/g, 'AMOUNT'],
  [/\b\d+ writes?\b/g, 'WRITES'],
  [/\b\d+\.\d+$/gm, 'VERSION'],
  [/ {2,}/g, '  '],
  [/ +$/gm, ''],
];

export function withoutMeasures(transcript: string): string {
  return measures.reduce((text, [pattern, word]) => text.replace(pattern, word), transcript);
}
