// Cuts a CSV (RFC 4180) into records while its bytes arrive. Only quotes, commas and line ends are
// looked at, and those bytes never stand inside a UTF-8 sequence, so text is decoded by record.

export type CsvRecord =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly why: string };

export type RecordScanner = {
  /** The records that end in these bytes. `line` is where a record begins, counted from 1. */
  push(bytes: Uint8Array): readonly CsvRecord[];
  /** What stands after the last line end. */
  end(): readonly CsvRecord[];
};

export const recordBytesMax = 16 * 1024;
const [lineFeed, carriageReturn, quote, comma] = [0x0a, 0x0d, 0x22, 0x2c];
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Where in a record the next byte stands. `skipping`: in one that was too long. */
type Place = 'fieldStart' | 'plain' | 'quoted' | 'quoteInQuoted' | 'skipping';

export function createRecordScanner(): RecordScanner {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let place: Place = 'fieldStart';
  let [line, firstLine] = [1, 1];
  const kept: number[] = [];
  const finish = (): readonly CsvRecord[] => {
    const begun = { line: firstLine };
    const bytes = Uint8Array.from(kept);
    kept.length = 0;
    firstLine = line;
    place = 'fieldStart';
    const text = decodeRecord(decoder, begun.line === 1 ? withoutMark(bytes) : bytes);
    if (text === undefined) return [{ ...begun, why: 'it is not UTF-8 text' }];
    return text === '' ? [] : [{ ...begun, text }];
  };
  const take = (byte: number, found: CsvRecord[]) => {
    if (byte === lineFeed) line += 1;
    if (place === 'skipping') {
      if (byte !== lineFeed) return;
      place = 'fieldStart';
      firstLine = line;
      return;
    }
    if (byte === lineFeed && place !== 'quoted') {
      found.push(...finish());
      return;
    }
    kept.push(byte);
    place = placeAfter(place, byte);
    if (kept.length <= recordBytesMax) return;
    const openQuote = place === 'quoted' ? '; a quote that it opens is not closed' : '';
    const why = `it is longer than ${recordBytesMax} bytes${openQuote}`;
    found.push({ line: firstLine, why });
    kept.length = 0;
    firstLine = line;
    place = byte === lineFeed ? 'fieldStart' : 'skipping';
  };
  return {
    push: (bytes) => {
      const found: CsvRecord[] = [];
      for (const byte of bytes) take(byte, found);
      return found;
    },
    end: () => {
      if (place === 'skipping') return [];
      if (place !== 'quoted') return finish();
      kept.length = 0;
      return [{ line: firstLine, why: 'a quote is opened and never closed' }];
    },
  };
}

function placeAfter(place: Place, byte: number): Place {
  switch (byte) {
    case quote:
      if (place === 'fieldStart') return 'quoted';
      if (place === 'quoted') return 'quoteInQuoted';
      return place === 'quoteInQuoted' ? 'quoted' : 'plain';
    case comma:
      return place === 'quoted' ? 'quoted' : 'fieldStart';
    default:
      return place === 'quoted' ? 'quoted' : 'plain';
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return byteOrderMark.every((each, index) => bytes[index] === each) ? bytes.subarray(3) : bytes;
}

function decodeRecord(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
): string | undefined {
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  try {
    return decoder.decode(bytes.subarray(0, end));
  } catch {
    return undefined;
  }
}
