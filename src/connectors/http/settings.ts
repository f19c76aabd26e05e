/** What the configurations of systems with an HTTP interface have in common. */
import { type Static, Type } from 'typebox';
import { Duration, FilePath } from '../../kernel/setting.ts';

/** An address; `http:` works only with a server on this machine. */
export const Address = (options: { description: string; default?: string; examples?: string[] }) =>
  Type.String({ pattern: '^https?://[^\\s?#]+$', ...options });

export const connectionSettings = {
  caFile: Type.Optional(
    FilePath({ description: 'PEM file of the only authorities to trust, instead of the usual ones.' }),
  ),
  allowedNetworks: Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' }), {
    default: [],
    description: 'When given, the server must be in one of these networks: 203.0.113.0/24.',
  }),
  timeout: Duration({
    default: '10 s',
    duration: { min: '1 s', max: '1 min' },
    description: 'Time for one attempt, with every request that it takes.',
  }),
};

export const protectedSetting = {
  protected: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'Accounts there that are never written, by the name that they sign in with. Capitals do not matter.',
  }),
};

const connection = Type.Object(connectionSettings);
export type ConnectionSettings = Static<typeof connection>;
