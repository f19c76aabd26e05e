/** Whether what came in fits its schema, and everything that is wrong with it, in words. */
import type { TObject } from 'typebox';
import Value from 'typebox/value';
import { Problem } from './problem.ts';

const MOST = 20;
const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;

/** Text of an address becomes what the schema says it is: numbers and yes or no. */
function typed(schema: TObject, given: Record<string, unknown>): Record<string, unknown> {
  const read = ([name, value]: [string, unknown]): [string, unknown] => {
    const { type } = (schema.properties[name] ?? {}) as { type?: string };
    if (typeof value !== 'string') return [name, value];
    if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return [name, Number(value)];
    if (type === 'boolean' && (value === 'true' || value === 'false')) return [name, value === 'true'];
    return [name, value];
  };
  return Object.fromEntries(Object.entries(given).map(read));
}

export function checked(schema: TObject, given: unknown, where: 'body' | 'query' | 'params'): unknown {
  const value = where === 'body' ? given : typed(schema, { ...(given as Record<string, unknown>) });
  if (!Value.Check(schema, value)) {
    const errors = [...Value.Errors(schema, value)].slice(0, MOST).map((error) => ({
      at: `/${where}${error.instancePath}`,
      says: error.message,
    }));
    throw new Problem('bad-request', 'Not everything is as the document says.', { errors });
  }
  // What is typed into an address is plain text; bodies say field by field what they may hold.
  if (where !== 'body' && Object.values(value as object).some((one) => typeof one === 'string' && UNFIT.test(one)))
    throw new Problem('bad-request', 'The address holds control characters.');
  return value;
}
