// Who may import whom. `core` imports nothing, roles never import each other, only `apps` wires.

/** A kind of workspace and what it may import of ours. */
export type Floor = {
  /** Which workspace folders it is about. */
  readonly folder: RegExp;
  /** Names of packages, without the scope. */
  readonly mayImport: RegExp;
  /** Said when the rule is broken. */
  readonly why: string;
};

const floor2 = 'core|api|ports|postgres|etcd|runbook-engine|sip';
const floor3 = 'role-[a-z-]+|runbooks|agent|drill|cli|console';

/** The table of the floors, top of the list to the bottom; the first row that fits counts. */
export const floors: readonly Floor[] = [
  row('packages/core', 'nothing', 'core imports nothing'),
  row('packages/(api|ports)', 'core', 'floor 1 imports core alone'),
  row('packages/sip', 'ports', 'the protocol knows no pool; it may have the clock of ports'),
  row(
    'packages/(postgres|etcd|runbook-engine)',
    'core|api|ports',
    'floor 2 imports floors 0 and 1',
  ),
  row('packages/(cli|console)', 'core|api', 'a client knows the API and core, and no more'),
  row(
    'packages/(role-[a-z-]+|runbooks|agent|drill)',
    floor2,
    'floor 3 imports floors 0 to 2 and never its neighbours: let an app wire them',
  ),
  row('packages/testkit', `${floor2}|${floor3}`, 'testkit imports floors 0 to 3'),
  row('apps/[a-z-]+', `${floor2}|${floor3}`, 'an app wires packages; nobody imports an app'),
  row('tools/[a-z-]+', 'nothing', 'the tools look at the house from outside'),
  row('bench(/.*)?', `${floor2}|${floor3}|testkit`, 'a bench may use any package'),
];

function row(folder: string, mayImport: string, why: string): Floor {
  return { folder: new RegExp(`^${folder}$`), mayImport: new RegExp(`^(${mayImport})$`), why };
}

/** The row for a workspace folder such as `packages/core`; undefined for a room without a plan. */
export function floorOf(folder: string): Floor | undefined {
  return floors.find((floor) => floor.folder.test(folder));
}

/** The workspace folder that a path lies in; undefined outside of them. */
export function workspaceOf(path: string): string | undefined {
  return /^(?:packages|apps|tools)\/[^/]+(?=\/)|^bench(?=\/)/.exec(path)?.[0];
}

/** Tests of a whole deployment, which alone may use the testkit outside of it. */
export function mayUseTestkit(path: string): boolean {
  return /\.(sim|e2e)\.test\.ts$/.test(path);
}
