/** What went wrong, for callers that act on it; people read the message. */
export type EmbeddedPostgresErrorCode =
  | 'binariesMissing'
  | 'binariesUnusable'
  | 'wrongVersion'
  | 'diskFull'
  | 'folderUnusable'
  | 'dataMissing'
  | 'passwordMissing'
  | 'passwordRefused'
  | 'portTaken'
  | 'initdbFailed'
  | 'namelessUser'
  | 'startFailed'
  | 'notReady'
  | 'notStopped'
  | 'stillRunning';

/** A refusal of the launcher. The message says what, where, and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The `code` of a system error (ENOENT, EACCES…), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Says a failed file operation in words an operator can act on. */
export function folderError(folder: string, error: unknown): EmbeddedPostgresError {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, String(error));
  const reason = error instanceof Error ? error.message : String(error);
  return new EmbeddedPostgresError(
    'folderUnusable',
    `PostgreSQL's folder ${folder} cannot be used: ${reason}. ` +
      'Choose another data folder, or give the user that runs Understudy the right to write there.',
    error,
  );
}

export function diskFull(folder: string, detail: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'diskFull',
    `The disk that holds ${folder} is full: ${detail.trim()}. ` +
      'Free some space there (a new store takes 40 MB) and start again.',
  );
}
