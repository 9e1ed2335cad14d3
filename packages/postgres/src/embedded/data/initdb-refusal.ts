import { diskFull, EmbeddedPostgresError } from '../embedded-postgres-error.ts';

type Failed = { readonly exitCode: number | null; readonly output: string };

/** Why initdb made no store in `home`, and what to do, from what it printed. */
export function initdbRefusal(home: string, { exitCode, output }: Failed): EmbeddedPostgresError {
  const full = lastLine(output, /No space left on device|Disk quota exceeded/);
  if (full !== undefined) return diskFull(home, full);
  // Containers run programs under ids that no account has; initdb wants the name of one.
  const nameless = lastLine(output, /could not look up effective user ID/);
  if (nameless !== undefined) {
    return new EmbeddedPostgresError(
      'namelessUser',
      `PostgreSQL makes no store in ${home} for a user without a name (${nameless}). Add the ` +
        'user to /etc/passwd, or run this as one that is there, or give the store a url.',
    );
  }
  return new EmbeddedPostgresError(
    'initdbFailed',
    `initdb could not make a new store in ${home} (exit ${exitCode}): ` +
      `${output.trim().slice(-1_000)}. Put right what it names and start again.`,
  );
}

function lastLine(output: string, pattern: RegExp): string | undefined {
  return output
    .split('\n')
    .findLast((line) => pattern.test(line))
    ?.trim();
}
