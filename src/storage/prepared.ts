/**
 * Statements whose SQL is made once: to build and compile it costs more than to run most of them. A statement is still written
 * with the query builder; what it is given goes in as parameters, so its shape must not hang on a value.
 */
import type { Compilable, CompiledQuery, QueryResult } from 'kysely';
import type { Executor } from './storage.ts';

/** Stands for a value while the SQL is made. */
class Given {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** By dialect. */
type Made = WeakMap<object, Map<string, CompiledQuery<unknown>>>;

/**
 * `build` gets the names that a call gives (a name that is absent may change the statement) and may pass each on as a value, and
 * only that: it can't look at it, add to it or put it into an array.
 */
export function prepared<Input extends object, Row>(
  build: (ex: Executor, given: Input) => Compilable<Row>,
): (ex: Executor, given: Input) => Promise<QueryResult<Row>> {
  const made: Made = new WeakMap();
  return (ex, given) => {
    const { adapter } = ex.getExecutor();
    const shapes = made.get(adapter) ?? new Map<string, CompiledQuery<unknown>>();
    made.set(adapter, shapes);
    const names = Object.keys(given);
    const shape = names.join();
    let query = shapes.get(shape);
    if (!query) {
      const stand = Object.fromEntries(names.map((name) => [name, new Given(name)])) as unknown as Input;
      query = build(ex, stand).compile();
      shapes.set(shape, query);
    }
    const parameters = query.parameters.map((one) => (one instanceof Given ? given[one.name as keyof Input] : one));
    return ex.executeQuery({ ...query, parameters } as CompiledQuery<Row>);
  };
}
