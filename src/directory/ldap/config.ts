/** Configuration that every LDAP directory has. The schema is the one source of validation, defaults and documentation. */
import Type, { type Static } from 'typebox';

const names = (defaults: { username: string; displayName: string }) =>
  Type.Object(
    {
      username: Type.String({
        default: defaults.username,
        description: 'Attribute with the name people sign in with.',
      }),
      mail: Type.String({ default: 'mail', description: 'Attribute with mail addresses.' }),
      displayName: Type.String({ default: defaults.displayName, description: 'Attribute with the full name.' }),
      givenName: Type.String({ default: 'givenName', description: 'Attribute with the first name, for greetings.' }),
      language: Type.String({
        default: 'preferredLanguage',
        description: 'Attribute with the language (BCP 47), for messages.',
      }),
    },
    { default: {}, additionalProperties: false, description: 'Which attributes hold what is known of a person.' },
  );

/** The properties; a directory adds its own and sets the defaults that differ. */
export const ldapProperties = (defaults: { userFilter: string; username: string; displayName: string }) => ({
  url: Type.String({
    pattern: '^ldaps?://[^/\\s]+/?(\\s+ldaps?://[^/\\s]+/?)*$',
    description:
      'Address of the server: ldaps://host[:port], or ldap://host[:port] together with startTls: true. Several, with ' +
      'blanks between: the first that answers and takes writes serves, the others stand in for it. Each name is one ' +
      'server, not a balancer in front of several.',
  }),
  startTls: Type.Boolean({
    default: false,
    description: 'Secure an ldap:// connection by StartTLS. Without TLS Sparekey refuses to connect.',
  }),
  caFile: Type.Optional(
    Type.String({
      description: 'PEM file with the authority that issued the server certificate. Default: the system list.',
    }),
  ),
  bindDn: Type.String({
    minLength: 1,
    description: 'DN of the service account. Not rootdn, not a domain administrator.',
  }),
  bindPassword: Type.String({ minLength: 1, secret: true, description: 'Password of the service account.' }),
  baseDn: Type.String({ minLength: 1, description: 'Where people are searched, with everything below.' }),
  userFilter: Type.String({
    default: defaults.userFilter,
    description: 'LDAP filter (RFC 4515) that every account must match.',
  }),
  attributes: names(defaults),
  protectedGroups: Type.Array(Type.String(), {
    default: [],
    description: 'DNs of groups whose members must never be reset from here.',
  }),
  canary: Type.Optional(
    Type.String({
      description: 'Username of a test account. `sparekey check` really resets its password to a random one.',
    }),
  ),
  connectTimeout: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 60_000,
    description: 'Milliseconds until a connection must stand, TLS included.',
  }),
  poolSize: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 64,
    description: 'Connections to a server that one node keeps for the service account, and as many again for sign-ins.',
  }),
  operationTimeout: Type.Integer({
    default: 10_000,
    minimum: 100,
    // Three requests must be over before a write without an answer counts as not done (PATIENCE in flow/journey/password.ts).
    maximum: 20_000,
    description: 'Milliseconds to wait for the answer to one request.',
  }),
});

const shape = Type.Object(ldapProperties({ userFilter: '', username: '', displayName: '' }));
/** Where the servers are is said differently by each. */
export type LdapConfig = Omit<Static<typeof shape>, 'url'>;
