/** Times become rates, percentiles and rows of a Markdown table. */

export interface Timed {
  /** ms of each, in the order in which they ended. */
  times: readonly number[];
  /** ms from the first beginning to the last end. */
  took: number;
}

/** `share` 0.5: the median. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const perSecond = ({ times, took }: Timed): number => (times.length / took) * 1_000;

export const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));
export const rate = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
export const percent = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

export const row = (...cells: (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

export function table(title: string, ...columns: string[]): void {
  console.log(`\n### ${title}\n`);
  row(...columns);
  row(...columns.map(() => '---'));
}
