const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = `Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec`.split(' ');

/** `Sat, 13 Nov 2010 23:29:00 GMT`: two-digit day, four-digit year. */
const sipDate = /^([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/**
 * The moment of a Date field, in milliseconds since 1970; undefined when it is no SIP-date. Only
 * GMT is allowed (RFC 3261, section 20.17).
 */
export function parseSipDate(text: string): number | undefined {
  const [, day = '', date, month = '', ...rest] = sipDate.exec(text.trim()) ?? [];
  const monthIndex = months.indexOf(month);
  if (!days.includes(day) || monthIndex < 0) {
    return undefined;
  }
  const [year = 0, hours = 0, minutes = 0, seconds = 0] = rest.map(Number);
  const isOnClock = hours <= 23 && minutes <= 59 && seconds <= 60;
  const moment = Date.UTC(year, monthIndex, Number(date), hours, minutes, seconds);
  return isOnClock && new Date(moment).getUTCMonth() === monthIndex ? moment : undefined;
}

/** The value of a Date field for a moment in milliseconds since 1970. */
export function writeSipDate(epochMs: number): string {
  // ECMAScript's toUTCString has the very form of RFC 3261, section 20.17.
  return new Date(epochMs).toUTCString();
}
