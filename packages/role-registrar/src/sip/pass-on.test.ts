import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPool, type RolePool } from '@understudy/core';
import { SimulatedClock } from '@understudy/ports/fake';
import { createFailedDestinations, type Source, writeNameAddr } from '@understudy/sip';
import { passOn } from './pass-on.ts';

const source: Source = {
  transport: 'udp',
  address: '192.0.2.50',
  port: 5060,
  flow: 'udp phone',
  local: { address: '192.0.2.9', port: 5060 },
};
const pool: RolePool = {
  pool: asPool('east'),
  state: 'active',
  isServing: false,
  sip: {
    side: 'backup',
    home: [{ plain: '192.0.2.1:5060' }, { plain: '[2001:db8::2]:5060' }],
    backup: [],
  },
};

test('a server that was silent a moment ago is asked after the others of its pool', async () => {
  const clock = new SimulatedClock();
  const failed = createFailedDestinations(clock);
  const first = () => {
    const decision = passOn({ uri: 'sip:ben@east.test', source }, pool, { failed });
    const target = decision.kind === 'targets' ? decision.targets[0] : undefined;
    return target?.routes?.map(writeNameAddr).join();
  };
  assert.equal(first(), '<sip:192.0.2.1:5060;lr>');
  failed.failed({ transport: 'udp', address: '192.0.2.1', port: 5060 });
  assert.equal(first(), '<sip:[2001:db8::2]:5060;lr>');
  failed.failed({ transport: 'udp', address: '2001:db8::2', port: 5060 });
  assert.equal(first(), '<sip:192.0.2.1:5060;lr>', 'with both silent, as ever');
  await clock.advance(32_000);
  assert.equal(first(), '<sip:192.0.2.1:5060;lr>');
});
