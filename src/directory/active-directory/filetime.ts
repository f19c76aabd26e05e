/** Windows times: 100 ns since 1601 (FILETIME), and negative 100 ns for durations (MS-ADTS §3.1.1.2.2.2). */

const EPOCH = 11_644_473_600_000n;
const NEVER = 0x7fff_ffff_ffff_ffffn;

/** ms since 1970; undefined for "never" (0 and the largest value). */
export const fromFiletime = (value: bigint | undefined): number | undefined =>
  value === undefined || value <= 0n || value >= NEVER ? undefined : Number(value / 10_000n - EPOCH);

/** ms; undefined for "none" (0 and the smallest value). */
export const fromInterval = (value: bigint | undefined): number | undefined =>
  value === undefined || value >= 0n || value <= -NEVER ? undefined : Number(-value / 10_000n);
