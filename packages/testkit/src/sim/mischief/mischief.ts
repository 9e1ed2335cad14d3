/** How often what the network carries comes twice, late, or not at all. */
export type Mischief = {
  lostAnswers: number;
  doubled: number;
  /** Questions and answers that are overtaken by later ones. */
  late: number;
  /** Questions to stores that wait there, as behind a disk that is busy. */
  slow: number;
};

export const noMischief: Mischief = { lostAnswers: 0, doubled: 0, late: 0, slow: 0 };

/** A busy store answers after so long. */
export const slowMs: readonly [number, number] = [100, 4_000];

/** A message that is late arrives after so long: longer than most questions are waited for. */
export const lateMs: readonly [number, number] = [200, 5_000];
