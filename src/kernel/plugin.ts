/** One shape for every plug-in: methods, directories, senders. One file, one line in the family's index, one contract call. */
import type { Static, TObject } from 'typebox';

/** One thing that was really tried, for boot, `sparekey check` and the health page. */
export interface Finding {
  is: 'ok' | 'warning' | 'failed';
  /** What was tried, as a short noun phrase: "bind as the service account". */
  what: string;
  /** The exact cause, for operators. Never holds a secret. */
  cause?: string;
  /** What to do about it: a command, a right, a configuration key. */
  fix?: string;
  /** Configuration key that it hangs on, relative to the plug-in: `bindDn`. */
  key?: string;
}

export interface Resource {
  /** Tries everything that can be tried without harm. Never throws: a failure is a finding. */
  check(): Promise<Finding[]>;
  close(): Promise<void>;
}

export interface Plugin<Schema extends TObject, Ports, R> {
  id: string;
  /** One plain sentence for the docs and the set-up. */
  summary: string;
  configSchema: Schema;
  open(config: Static<Schema>, ports: Ports): R | Promise<R>;
}

/** Keeps the types of schema, ports and resource together. */
export const definePlugin = <Schema extends TObject, Ports, R>(plugin: Plugin<Schema, Ports, R>) => plugin;
