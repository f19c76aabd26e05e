/** One text for one value, whatever order its keys came in (RFC 8785 for the values that we allow). */
import type { Json } from '../kernel/json.ts';

/** @throws Error for a number that JSON can't hold. */
export function canonicalJson(value: Json | undefined): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error('A number in an audit record is not finite.');
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}
