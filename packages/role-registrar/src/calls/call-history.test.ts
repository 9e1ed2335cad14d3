import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRequest, headerField, parseUri, type Uri } from '@understudy/sip';
import { forwardsOf, historyField, lengthen, readHistory, wasAt } from './call-history.ts';

const uri = (text: string) => parseUri(text) ?? assert.fail(text);
const nameOf = (each: Uri) => (each.kind === 'sip' && each.host === 'd' ? each.user : undefined);
const asked = (...histories: readonly string[]) =>
  buildRequest({
    method: 'INVITE',
    uri: 'sip:ben@d',
    headers: histories.map((each) => headerField('History-Info', each)),
  });
const ben = uri('sip:ben@d');

test('a forwarded call says by whom it came, and why', () => {
  const history = lengthen(readHistory(asked(), ben, nameOf), uri('sip:cat@d'), 486);
  const first = '<sip:ben@d?Reason=SIP%3Bcause%3D486>;index=1';
  assert.equal(historyField(history).value, `${first}, <sip:cat@d>;index=1.1;mp=1`);
  assert.deepEqual([forwardsOf(history), wasAt(history, 'ben', nameOf)], [1, true]);
});

test('what another server has told is gone on with', () => {
  const told = ['<sip:ann@d?Reason=SIP%3Bcause%3D408>;index=1, <sip:ben@d>;index=1.1;mp=1'];
  const history = lengthen(readHistory(asked(...told), ben, nameOf), uri('sip:cat@d'), undefined);
  assert.equal(historyField(history).value, `${told[0]}, <sip:cat@d>;index=1.1.1;mp=1.1`);
  assert.deepEqual([forwardsOf(history), wasAt(history, 'ann', nameOf)], [2, true]);
  assert.equal(wasAt(history, 'dan', nameOf), false);
});

test('nonsense is left out, and what is missing is put there', () => {
  const history = readHistory(asked('<<>', '<sip:x@elsewhere>;index=zzz'), ben, nameOf);
  assert.equal(historyField(history).value, '<sip:x@elsewhere>;index=zzz, <sip:ben@d>;index=1.1');
});
