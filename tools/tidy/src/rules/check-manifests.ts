import type { Finding } from '../finding.ts';
import { floorOf } from '../floors.ts';
import { type Manifest, manifestsOf } from '../manifest.ts';
import type { Tree } from '../tree.ts';

/** The dependency rule, read from what package.json and tsconfig.json declare. */
export function checkManifests(tree: Tree): Finding[] {
  const manifests = manifestsOf(tree);
  const root = manifests.find((manifest) => manifest.folder === '');
  const workspaces = manifests.filter((manifest) => manifest.folder !== '');
  const folderOf = new Map(workspaces.map(({ name, folder }) => [name, folder]));
  return workspaces.flatMap((manifest) => [
    ...checkFloor(manifest, folderOf),
    ...checkReferences(manifest, folderOf),
    ...(root ? checkIsBuilt(manifest, root) : []),
  ]);
}

function checkFloor(manifest: Manifest, folderOf: ReadonlyMap<string, string>): Finding[] {
  const floor = floorOf(manifest.folder);
  if (!floor) {
    return [finding(manifest, 'has no floor; give it one in tools/tidy/src/floors.ts')];
  }
  return [...manifest.dependencies]
    .filter((name) => folderOf.has(name) || name.startsWith('@understudy/'))
    .filter((name) => !floor.mayImport.test(name.replace('@understudy/', '')))
    .filter((name) => !isTestkitOfApp(manifest, name))
    .map((name) => finding(manifest, `may not depend on ${name}: ${floor.why}`));
}

/** An app's end-to-end tests use the testkit; check-imports sees to it that nothing else does. */
function isTestkitOfApp(manifest: Manifest, name: string): boolean {
  return name === '@understudy/testkit' && manifest.folder.startsWith('apps/');
}

function checkReferences(manifest: Manifest, folderOf: ReadonlyMap<string, string>): Finding[] {
  const wanted = new Set([...manifest.dependencies].flatMap((name) => folderOf.get(name) ?? []));
  const path = `${manifest.folder}/tsconfig.json`;
  return [
    ...[...wanted]
      .filter((folder) => !manifest.references.has(folder))
      .map((folder) => `does not refer to ${folder}, which package.json depends on; add it`),
    ...[...manifest.references]
      .filter((folder) => !wanted.has(folder))
      .map((folder) => `refers to ${folder}, which package.json does not depend on; take it out`),
  ].map((say) => ({ ...finding(manifest, say), path }));
}

function checkIsBuilt(manifest: Manifest, root: Manifest): Finding[] {
  if (root.references.has(manifest.folder)) return [];
  const say = `is not built: add ${manifest.folder} to the references of tsconfig.json`;
  return [finding(manifest, say)];
}

function finding(manifest: Manifest, say: string): Finding {
  return { path: `${manifest.folder}/package.json`, line: 1, rule: 'imports point down', say };
}
