/** Where the list of servers comes from: the configuration itself, or DNS. */
import type { Finding } from '../../kernel/plugin.ts';
import type { Endpoint } from './endpoints.ts';

export interface ServerSource {
  /** In order of preference, the same on every node. The same array as long as nothing changed. @throws ConnectError */
  endpoints(): Promise<readonly Endpoint[]>;
  /** What there is to say of the list itself. */
  check(): Promise<Finding[]>;
}

export const listed = (endpoints: readonly Endpoint[]): ServerSource => ({
  endpoints: async () => endpoints,
  check: async () => [],
});
