import { counted, type CopyLag } from '@understudy/core';

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `1.5 kB`, `16 MB`: three digits at most. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** `45 ms`, `1.2 s`, `3 min`, `5 h`, `2 d`. */
export function showDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Lag in bytes, writes and seconds, as far as it is known. */
export function showLag(lag: CopyLag): string {
  const bytes =
    lag.receiveBytes === undefined && lag.applyBytes === undefined
      ? []
      : [showBytes((lag.receiveBytes ?? 0) + (lag.applyBytes ?? 0))];
  const writes = lag.writes === undefined ? [] : [counted(lag.writes, 'write')];
  const age = lag.heartbeatAgeMs === undefined ? [] : [showDuration(lag.heartbeatAgeMs)];
  const known = [...bytes, ...writes, ...age];
  return known.length === 0 ? 'unknown' : known.join(', ');
}

/** `catchingUp` as people see it: `CatchingUp` (docs/glossary.md). */
export function pascal(state: string): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}

/** 180004 is 18.4 (PostgreSQL manual, 55.4: server_version_num). */
export function showVersion(version: number | undefined): string {
  return version === undefined ? 'up' : `${Math.floor(version / 10_000)}.${version % 10_000}`;
}
