/** What the launcher takes from the environment. Nothing else in this folder reads it. */
export type LauncherEnvironment = {
  /** A folder with `initdb` and `postgres`, instead of the embedded platform package's. */
  readonly binDir: string | undefined;
  /** Tests only: initdb does not wait for the disk. */
  readonly isInitdbSyncOff: boolean;
};

export function readLauncherEnvironment(): LauncherEnvironment {
  return {
    binDir: process.env['UNDERSTUDY_PG_BIN'] || undefined,
    isInitdbSyncOff: process.env['UNDERSTUDY_PG_TEST_NO_SYNC'] === '1',
  };
}
