import { type CallSettings, callSettings, callSettingsKey } from '@understudy/api';
import type { Database, Statement } from '../data/open-database.ts';
import { addressesOf } from './check-call-settings.ts';
import { readOwnAddress } from './own-address.ts';

const findCallSettings: Statement = {
  name: 'find_call_settings',
  text: 'select value from app.settings where user_id = $1 and key = $2',
};

export type LenientTools = {
  readonly domains: readonly string[];
  /** Told which field counts for nothing, and why. */
  readonly onBroken: (why: string) => void;
};

/** What the user wants done with calls, as it stands in the store now. */
export async function readCallSettings(
  database: Pick<Database, 'read'>,
  userId: string,
  tools: LenientTools,
): Promise<CallSettings> {
  const values = [userId, callSettingsKey];
  const [row] = await database.read<{ readonly value: unknown }>(findCallSettings, values);
  return row === undefined ? {} : keepWhole(row.value, tools);
}

/**
 * The fields that are whole; one that is not is as none, and the call comes through. A setting may
 * be older than the check that would refuse it, or than the domains of today.
 */
export function keepWhole(value: unknown, tools: LenientTools): CallSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    tools.onBroken('it is no object');
    return {};
  }
  const whole = Object.entries(value)
    .filter(([field]) => field in callSettings.shape)
    .map(([field, given]) => wholeField(field, given, tools));
  return Object.assign({}, ...whole) as CallSettings;
}

function wholeField(
  field: string,
  given: unknown,
  { domains, onBroken }: LenientTools,
): CallSettings {
  const checked = callSettings.safeParse({ [field]: given });
  if (!checked.success) {
    onBroken(`${field}: ${checked.error.issues[0]?.message ?? 'it is malformed'}`);
    return {};
  }
  const foreign = addressesOf(checked.data).find(
    ([, address]) => readOwnAddress(address, domains) === undefined,
  );
  if (foreign === undefined) return checked.data;
  onBroken(`${foreign[0]}: it is no address of ours`);
  return {};
}
