/** Where sentences go. The same sentence stands in log, journal, CLI, API and report. */
export interface Log {
  say(level: LogLevel, sentence: string, fields?: Readonly<Record<string, unknown>>): void;
}
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
