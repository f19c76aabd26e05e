/** Configuration of the Kerberos connector. */
import { type Static, Type } from 'typebox';
import { Duration, FilePath } from '../../kernel/setting.ts';

export const kerberosConfig = Type.Object(
  {
    realm: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', description: 'The realm: EXAMPLE.ORG.' }),
    principal: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$',
      description:
        'The administrator that Sparekey is, without the realm: sparekey/admin. Its rights in kadm5.acl: c, i and m.',
    }),
    keytabFile: FilePath({ description: 'Its keytab. Readable for the user of Sparekey only.' }),
    krb5File: Type.Optional(
      FilePath({ description: 'A krb5.conf of its own, for kadmin and kinit. Left out: the one of this machine.' }),
    ),
    adminServer: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9.:-]*$',
        description: 'host[:port] of kadmind. Left out: as krb5.conf says.',
      }),
    ),
    kadmin: Type.String({ pattern: '^/', default: '/usr/bin/kadmin', description: 'The program kadmin (MIT).' }),
    kinit: Type.String({
      pattern: '^/',
      default: '/usr/bin/kinit',
      description: 'The program kinit, for the canary only.',
    }),
    protected: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Principals that are never written, without the realm. Those with a / in their name never are.',
    }),
    timeout: Duration({
      default: '10 s',
      duration: { min: '1 s', max: '2 min' },
      description: 'Time for one whole attempt, after which kadmin is killed.',
    }),
  },
  { additionalProperties: false },
);
export type KerberosConfig = Static<typeof kerberosConfig>;
