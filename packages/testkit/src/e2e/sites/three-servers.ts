import { defaultTopologyText } from '@understudy/api';

const westCopy = '      - { store: west-store, preference: 2 }';

/** The default topology with a second server in site east, and a copy of `users-east` there. */
export function threeServersText(): string {
  const changes = [
    [
      '\n# A store is one',
      '  - name: east-2\n    site: east\n    address: 127.0.0.1\n\n# A store is one',
    ],
    ['  - name: west-store', '  - name: east-spare\n    server: east-2\n  - name: west-store'],
    ['servers: [east-1]', 'servers: [east-1, east-2]'],
    [`${westCopy}\n`, `${westCopy}\n      - { store: east-spare, preference: 3 }\n`],
  ] as const;
  return changes.reduce((text, [from, to]) => text.replace(from, to), defaultTopologyText());
}
