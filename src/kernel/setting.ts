/** The kinds of setting that plug-ins and sections share beyond plain JSON Schema. The static type is what the parsed configuration holds. */
import { type TSchemaOptions, Type } from 'typebox';

export const DURATION_PATTERN = '^[0-9]{1,9} ?(ms|s|min|h|d)$';

interface Described extends TSchemaOptions {
  description: string;
}

/** Written `10 min`; arrives in milliseconds. `min` and `max` are written the same way. */
export const Duration = (options: Described & { default: string; duration: { min: string; max: string } }) =>
  Type.Unsafe<number>({ type: 'string', pattern: DURATION_PATTERN, ...options });

/** A path; a relative one counts from the folder of the configuration file. Arrives absolute. */
export const FilePath = (options: Described) => Type.String({ minLength: 1, path: true, ...options });

/** May be given as `<name>File: path` instead. Never printed. */
export const SecretText = (options: Described) => Type.String({ minLength: 1, secret: true, ...options });
