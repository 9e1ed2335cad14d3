import { defaultTopologyText } from '@understudy/api';

/** The default topology with a second server in pool east, whose store has no copy of anything. */
export function twoInEastText(): string {
  const changes = [
    [
      '\n# A store is one',
      '  - name: east-2\n    site: east\n    address: 127.0.0.1\n\n# A store is one',
    ],
    ['  - name: west-store', '  - name: east-spare\n    server: east-2\n  - name: west-store'],
    ['servers: [east-1]', 'servers: [east-1, east-2]'],
  ] as const;
  return changes.reduce((text, [from, to]) => text.replace(from, to), defaultTopologyText());
}

const westCopy = '      - { store: west-store, preference: 2 }\n';

/** The same with a third copy of `users-east` on that store. */
export function threeServersText(): string {
  const spare = '      - { store: east-spare, preference: 3 }\n';
  return twoInEastText().replace(westCopy, `${westCopy}${spare}`);
}

/** The same, where every acknowledged write of `users-east` has reached that copy. */
export function inSyncText(): string {
  const changes = [
    ['east-spare, preference: 3 }', 'east-spare, preference: 3, sync: true }'],
    ['pool: east\n    lossLimit: good', 'pool: east\n    lossLimit: lossless'],
  ] as const;
  return changes.reduce((text, [from, to]) => text.replace(from, to), threeServersText());
}
