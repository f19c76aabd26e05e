/** Shapes that several operations share. */
import { type TSchema, Type } from 'typebox';

export const Instant = Type.String({ description: 'RFC 3339, UTC.', examples: ['2026-11-24T09:30:00.000Z'] });
export const iso = (at: number): string => new Date(at).toISOString();
export const isoOf = (at: number | undefined | null): string | null => (at == null ? null : iso(at));
export const MaybeInstant = Type.Union([Instant, Type.Null()]);
export const MaybeText = Type.Union([Type.String(), Type.Null()]);
export const Count = Type.Integer({ minimum: 0 });

export const Id = Type.String({ minLength: 1, maxLength: 60, pattern: '^[\\w-]+$' });
export const IdParams = Type.Object({ id: Id });

/** Lists go on with `after`. */
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: '50 if absent.' }));
export const LIMIT = 50;
export const After = Type.Optional(Type.String({ maxLength: 600, description: '`next` of the answer before.' }));

export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Give it as `after`; null: that was all.' }),
  });

export const Done = Type.Object({ done: Type.Boolean({ description: 'False: there was nothing to do.' }) });
