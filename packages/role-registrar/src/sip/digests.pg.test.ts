import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, type Transport } from '@understudy/sip';
import { openPhone } from '../testing/a-phone.ts';
import { startOnePool } from '../testing/one-pool.ts';

test('phones over TLS are challenged for what is set for them alone', async () => {
  await using site = await startOnePool({ digestsOverTls: ['SHA-512-256', 'SHA-256'] });
  await site.mount();
  await site.add('ann', 'right');
  const registers = async (transport: Transport, algorithm: 'MD5' | 'SHA-256' | 'SHA-512-256') => {
    await using phone = await openPhone(site.role, {
      name: 'ann',
      password: 'right',
      transport,
      algorithm,
    });
    const response = await phone.register();
    const asked = fieldsOf(response, 'www-authenticate').map(
      ({ value }) => /algorithm=([\w-]+)/.exec(value)?.[1],
    );
    return [response.status, ...asked];
  };
  assert.deepEqual(await registers('tls', 'SHA-512-256'), [200]);
  assert.deepEqual(await registers('tls', 'SHA-256'), [200]);
  assert.deepEqual(await registers('tls', 'MD5'), [401, 'SHA-512-256', 'SHA-256']);
  assert.deepEqual(await registers('udp', 'MD5'), [200]);
  assert.deepEqual(await registers('tcp', 'SHA-512-256'), [401, 'MD5', 'SHA-256']);
});
