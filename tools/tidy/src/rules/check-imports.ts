import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Finding } from '../finding.ts';
import { floorOf, mayUseTestkit, workspaceOf } from '../floors.ts';
import { type Import, importsOf, packageOf } from '../import-of.ts';
import { manifestsOf } from '../manifest.ts';
import { isCode, isTest, type TextFile, type Tree } from '../tree.ts';

/** Entries of packages that exist for tests; code that runs in a deployment never sees them. */
const testEntry = /^@understudy\/[^/]+\/(testing|fake|conformance)$/;

/** The dependency rule, read from every import. */
export function checkImports(tree: Tree): Finding[] {
  const declared = new Map(
    manifestsOf(tree).map((manifest) => [manifest.folder, manifest.dependencies]),
  );
  const ofRoot = declared.get('') ?? new Set<string>();
  return tree.filter(isCode).flatMap((file) => {
    const folder = workspaceOf(file.path);
    if (!folder) return [];
    const own = declared.get(folder) ?? new Set<string>();
    // What only tests and tools use is declared once, at the root.
    const isDeclared = (name: string) =>
      own.has(name) || ((isTest(file.path) || folder.startsWith('tools/')) && ofRoot.has(name));
    return importsOf(file).flatMap((found) => {
      const say = judgeImport({ file, folder, found, isDeclared });
      return say === undefined
        ? []
        : [{ path: file.path, line: found.line, rule: 'imports point down', say }];
    });
  });
}

type Question = {
  readonly file: TextFile;
  readonly folder: string;
  readonly found: Import;
  readonly isDeclared: (name: string) => boolean;
};

function judgeImport(question: Question): string | undefined {
  const { specifier } = question.found;
  if (specifier.startsWith('.')) return judgeRelative(question);
  if (specifier.startsWith('@understudy/')) return judgeOurs(question);
  return judgeForeign(question);
}

function judgeRelative({ file, folder, found }: Question): string | undefined {
  const target = posix.join(posix.dirname(file.path), found.specifier);
  if (!target.startsWith(`${folder}/`)) {
    return `${found.specifier} leaves ${folder}; import the package by its name`;
  }
  if (!/\.(ts|json)$/.test(target)) return `${found.specifier} needs its ending: write .ts`;
  return undefined;
}

function judgeOurs({ file, folder, found, isDeclared }: Question): string | undefined {
  const name = packageOf(found.specifier).slice('@understudy/'.length);
  const floor = floorOf(folder);
  if (!floor) return `${folder} has no floor; give it one in tools/tidy/src/floors.ts`;
  if (name === 'testkit' && !folder.startsWith('bench')) {
    if (mayUseTestkit(file.path)) return undefined;
    return 'testkit is for *.sim.test.ts and *.e2e.test.ts; move what you need down a floor';
  }
  if (!floor.mayImport.test(name)) return `${folder} may not import ${name}: ${floor.why}`;
  if (!isDeclared(`@understudy/${name}`)) {
    return `@understudy/${name} is not in the dependencies of ${folder}/package.json; add it there`;
  }
  if (testEntry.test(found.specifier) && !isTest(file.path) && !isTestingCode(file.path)) {
    return `${found.specifier} is for tests; let an app hand over the real thing`;
  }
  return undefined;
}

function isTestingCode(path: string): boolean {
  return /^packages\/testkit\/|\/src\/(testing|fake|conformance)\//.test(path);
}

function judgeForeign({ file, folder, found, isDeclared }: Question): string | undefined {
  const name = packageOf(found.specifier);
  if (folder === 'packages/core' && !isTest(file.path)) {
    return `core imports nothing, not even ${name}: hand it over as an argument`;
  }
  if (isBuiltin(found.specifier)) {
    return found.specifier.startsWith('node:') ? undefined : `write node:${found.specifier}`;
  }
  return isDeclared(name)
    ? undefined
    : `${name} is not in ${folder}/package.json; add it there, with a decision record`;
}
