/** Words of a system, fit for a log: one line, cut, and nothing at all when a secret could stand in them (A24). */
const LONGEST = 200;

/** Every way in which a text may come back inside another one. */
const shapes = (secret: string): string[] => [
  secret,
  secret.trim(),
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
];

/** `undefined` when there is nothing to say. */
export function quote(words: unknown, hidden: readonly string[] = []): string | undefined {
  if (typeof words !== 'string') return undefined;
  const line = words
    .slice(0, 2_000)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (line === '') return undefined;
  const lower = `${words} ${line}`.toLowerCase();
  const told = hidden.flatMap(shapes).some((shape) => shape !== '' && lower.includes(shape.toLowerCase()));
  return told ? undefined : line.slice(0, LONGEST);
}
