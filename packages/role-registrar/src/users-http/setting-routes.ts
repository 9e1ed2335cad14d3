import { callSettingsKey, settingBody, settingKey } from '@understudy/api';
import type { Context } from 'hono';
import { checkCallSettings } from '../calls/check-call-settings.ts';
import type { Statement } from '../data/open-database.ts';
import { check, readBody } from './read-body.ts';
import type { UsersApp, UsersEnv } from './users-env.ts';

const listSettings: Statement = {
  name: 'list_settings',
  text: 'select key, value from app.settings where user_id = $1 order by key limit $2',
};
const rowsMax = 5_000;

const keyOf = (c: Context<UsersEnv>) => check(settingKey, c.req.param('key'), 'key');

/** Settings are the clients' own affair, save the one by which calls go. */
export function addSettingRoutes(app: UsersApp, domains: readonly string[]): void {
  app.get('/v1/settings', async (c) => {
    const { user, mounted } = c.var.session;
    return c.json({ settings: await mounted.database.read(listSettings, [user.id, rowsMax]) });
  });
  app.put('/v1/settings/:key', async (c) => {
    const { user, mounted } = c.var.session;
    const [key, { value }] = [keyOf(c), await readBody(c, settingBody)];
    if (key === callSettingsKey) checkCallSettings(value, { name: user.name, domains });
    const row = { userId: user.id, key, value: JSON.stringify(value) };
    await mounted.personal.putSetting.submit(row);
    return c.json({ key, value });
  });
  app.delete('/v1/settings/:key', async (c) => {
    const { user, mounted } = c.var.session;
    await mounted.personal.removeSetting.submit({ userId: user.id, key: keyOf(c) });
    return c.body(null, 204);
  });
}
