import { randomBytes } from 'node:crypto';

/** A user of the drill. The password is made for this run and lives nowhere else. */
export type DrillUser = { readonly name: string; readonly password: string; readonly pool: string };

/** `count` users, dealt out evenly over the pools. */
export function makeUsers(count: number, pools: readonly string[]): readonly DrillUser[] {
  return Array.from({ length: count }, (_, index) => {
    const pool = pools[index % pools.length] ?? '';
    const name = `${pool}-user-${String(Math.floor(index / pools.length) + 1).padStart(4, '0')}`;
    return { name, password: randomBytes(12).toString('base64url'), pool };
  });
}

/** The users of one pool as `user import` reads them. Secret: holds the passwords. */
export function usersCsv(users: readonly DrillUser[]): string {
  const lines = users.map(({ name, password }) => `${name},${name},${password}`);
  return `${['name,display_name,password', ...lines].join('\n')}\n`;
}
