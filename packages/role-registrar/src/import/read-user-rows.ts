import {
  type BadLine,
  type DigestAlgorithm,
  digestAlgorithms,
  readyCredentials,
  userName,
} from '@understudy/api';
import { type Credential, credentialsOf } from '../admin/credentials.ts';
import { type CsvRecord, createRecordScanner } from './scan-records.ts';
import { splitFields } from './split-fields.ts';

export type UserRow = {
  readonly line: number;
  readonly name: string;
  readonly displayName: string;
  readonly credentials: readonly Credential[];
};

/** Bad lines that are named; more are only counted. */
export const badLinesMax = 100;
export const importRowsMax = 1_000_000;

const ha1Columns: { readonly [column: string]: DigestAlgorithm } = {
  ha1_md5: 'MD5',
  ha1_sha256: 'SHA-256',
  ha1_sha512_256: 'SHA-512-256',
};
const columnNames = ['name', 'display_name', 'password', ...Object.keys(ha1Columns)];
const passwordLengthMax = 200;
const displayNameLengthMax = 200;

export type UserRowReader = {
  push(bytes: Uint8Array): readonly UserRow[];
  end(): readonly UserRow[];
  readonly bad: readonly BadLine[];
  badCount(): number;
};

/**
 * Reads a CSV of users. The first line names the columns: `name`, `display_name`, and `password`
 * or ready digests (`ha1_md5`, `ha1_sha256`, `ha1_sha512_256`). Good rows come out, bad lines are
 * counted and the first of them named; a caller imports nothing unless there is none.
 */
export function createUserRowReader(realm: string): UserRowReader {
  const scanner = createRecordScanner();
  const bad: BadLine[] = [];
  const lineOfName = new Map<string, number>();
  let badTotal = 0;
  let header: readonly string[] | undefined;
  let isHeaderBad = false;
  const blame = (line: number, why: string) => {
    badTotal += 1;
    if (bad.length < badLinesMax) bad.push({ line, why });
  };
  const rowOf = (record: CsvRecord): UserRow | undefined => {
    const split = 'why' in record ? record : splitFields(record.text);
    if (header === undefined) {
      header = 'fields' in split ? split.fields.map((each) => each.trim().toLowerCase()) : [];
      const why = 'why' in split ? split.why : headerProblem(header);
      if (why === undefined) return undefined;
      isHeaderBad = true;
      blame(record.line, why);
      return undefined;
    }
    if (isHeaderBad) return undefined; // Whatever its lines hold, nobody knows in which column.
    const row = 'why' in split ? split : userOf(header, split.fields, realm);
    const line = record.line;
    if ('why' in row) {
      blame(line, row.why);
      return undefined;
    }
    const before = lineOfName.get(row.name);
    if (before !== undefined) {
      blame(line, `the name ${row.name} stands on line ${before} already`);
      return undefined;
    }
    if (lineOfName.size >= importRowsMax) {
      blame(line, `an import has at most ${importRowsMax} users`);
      return undefined;
    }
    lineOfName.set(row.name, line);
    return { ...row, line };
  };
  const rowsOf = (records: readonly CsvRecord[]) =>
    records.map(rowOf).filter((row) => row !== undefined);
  return {
    push: (bytes) => rowsOf(scanner.push(bytes)),
    end: () => {
      const rows = rowsOf(scanner.end());
      if (header === undefined) blame(1, `the file is empty: ${columnsTodo}`);
      return rows;
    },
    bad,
    badCount: () => badTotal,
  };
}

const columnsTodo = 'its first line names the columns, e.g. name,display_name,password';

function headerProblem(header: readonly string[]): string | undefined {
  const unknown = header.find((column) => !columnNames.includes(column));
  if (unknown !== undefined) {
    return `column ${quoted(unknown)} is none of ${columnNames.join(', ')}; ${columnsTodo}`;
  }
  if (new Set(header).size < header.length) return 'a column stands twice in the first line';
  if (!header.includes('name')) return `there is no column name; ${columnsTodo}`;
  const hasSecret = header.some((column) => column === 'password' || column in ha1Columns);
  return hasSecret ? undefined : 'there is no column password, nor one of ready digests';
}

type Checked = Omit<UserRow, 'line'> | { readonly why: string };

function userOf(header: readonly string[], fields: readonly string[], realm: string): Checked {
  if (fields.length !== header.length) {
    return { why: `it has ${fields.length} fields where the first line has ${header.length}` };
  }
  const value = (column: string) => fields[header.indexOf(column)] ?? '';
  const [name, displayName] = [value('name'), value('display_name')];
  if (fields.some((field) => /\p{Cc}/u.test(field))) {
    return { why: 'it holds a control character' };
  }
  const checkedName = userName.safeParse(name);
  if (!checkedName.success) {
    return { why: `the name ${quoted(name)} is not ${checkedName.error.issues[0]?.message}` };
  }
  if (displayName.length > displayNameLengthMax) {
    return { why: `the display name is longer than ${displayNameLengthMax}` };
  }
  const credentials = credentialsIn({ name, password: value('password'), value, realm });
  return 'why' in credentials ? credentials : { name, displayName, credentials: credentials.all };
}

type Secrets = {
  readonly name: string;
  readonly password: string;
  readonly value: (column: string) => string;
  readonly realm: string;
};

type Credentials = { readonly all: readonly Credential[] } | { readonly why: string };

/** Neither passwords nor digests are ever repeated in a reason. */
function credentialsIn(secrets: Secrets): Credentials {
  const { name, password, value, realm } = secrets;
  const given = Object.entries(ha1Columns).flatMap(([column, algorithm]) =>
    value(column) === '' ? [] : [[algorithm, value(column)] as const],
  );
  if (password !== '' && given.length > 0) return { why: 'it has both a password and digests' };
  if (password !== '') {
    if (password.length > passwordLengthMax) return { why: 'the password is too long' };
    return { all: credentialsOf({ name, password }, realm) };
  }
  if (given.length === 0) return { why: 'it has no password' };
  const ready = readyCredentials.safeParse(Object.fromEntries(given));
  if (ready.success) return { all: credentialsOf({ name, credentials: ready.data }, realm) };
  const algorithm = digestAlgorithms.find((each) => each === ready.error.issues[0]?.path[0]);
  return { why: `the digest for ${algorithm} is not ${ready.error.issues[0]?.message}` };
}

/** Foreign text in our own sentence: short, and nothing in it can break a terminal's line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
