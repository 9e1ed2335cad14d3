import { spawnSync } from 'node:child_process';

/**
 * Words that run a command in a network namespace of its own, where it may do anything; it keeps
 * its user. Undefined where this user may not make one.
 */
export function findOwnNetwork(): readonly string[] | undefined {
  const asRoot = ['unshare', '--net', '--'];
  const asUser = ['unshare', '--user', '--map-current-user', '--keep-caps', '--net', '--'];
  return [asRoot, asUser].find(isAllowed);
}

function isAllowed([program = '', ...words]: readonly string[]): boolean {
  return spawnSync(program, [...words, 'true'], { stdio: 'ignore' }).status === 0;
}
