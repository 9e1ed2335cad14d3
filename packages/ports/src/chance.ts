/** Chance, as an argument: the only source of ids and of random back-off. */
export interface Chance {
  /** A UUID version 7 (RFC 9562, section 5.7), grown from the clock and chance. */
  uuid(): string;
  /** A number of at least 0 and below 1. */
  fraction(): number;
}
