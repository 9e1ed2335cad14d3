/** The CSeq header field (RFC 3261, section 20.16). */
export type CSeq = {
  /** 0 to 2^31 - 1 (section 8.1.1.5). */
  readonly sequence: number;
  readonly method: string;
};
