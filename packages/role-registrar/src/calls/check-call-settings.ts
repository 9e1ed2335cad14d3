import { type CallSettings, callSettings } from '@understudy/api';
import { Problem } from '../problem.ts';
import { check } from '../users-http/read-body.ts';
import { readOwnAddress } from './own-address.ts';

export type SettingOwner = { readonly name: string; readonly domains: readonly string[] };

const where = 'body.value';

/** The value that a user wants for the setting `calls`; throws a Problem that names the field. */
export function checkCallSettings(value: unknown, owner: SettingOwner): CallSettings {
  const settings = check(callSettings, value, where);
  for (const [field, address] of addressesOf(settings)) refuseAddress(field, address, owner);
  return settings;
}

function refuseAddress(
  field: string,
  address: string,
  { name, domains: [domain = '', ...others] }: SettingOwner,
): void {
  const to = readOwnAddress(address, [domain, ...others]);
  const refused = (what: string) => {
    const at = `${where}.${field}`;
    const todo = `write sip:NAME@${domain} with the name of another user`;
    return new Problem('badRequest', { what, where: at, todo });
  };
  // Elsewhere there is nobody yet who would take a call from us, and a caller must not learn to
  // reach strangers through a user of ours.
  if (to === undefined) throw refused(`calls go to users of ${domain} only, not to ${address}`);
  if (to === name) throw refused('calls cannot be forwarded to the user whose calls they are');
}

/** All addresses of a setting, each with its field. */
export function addressesOf(settings: CallSettings): readonly (readonly [string, string])[] {
  const { forwardAlways, forwardBusy, forwardNoAnswer, forwardUnreachable, ringAlso } = settings;
  const single = { forwardAlways, forwardBusy, forwardUnreachable };
  return [
    ...Object.entries(single).flatMap(([field, address]) =>
      address === undefined ? [] : [[field, address] as const],
    ),
    ...(forwardNoAnswer === undefined ? [] : [['forwardNoAnswer.to', forwardNoAnswer.to] as const]),
    ...(ringAlso ?? []).map((address, index) => [`ringAlso.${index}`, address] as const),
  ];
}
