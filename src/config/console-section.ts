/** The console: who may open it, as what, and with which second factor. */
import { Type } from 'typebox';
import { rights } from '../staff/rights.ts';
import { deskSection } from './desk-section.ts';

const closed = { additionalProperties: false };
const names = (description: string, examples: string[][]) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], uniqueItems: true, description, examples });

const scope = Type.Object(
  {
    under: names('Everybody below these DNs: a site.', [['ou=North,dc=example,dc=org']]),
    groups: names('Members of these groups (DN or name), and of groups in them.', [['class-7b']]),
    same: names('Attributes in which the person has the same value as the helper: a teacher’s own class.', [
      ['departmentNumber'],
    ]),
  },
  { ...closed, description: 'For whom. One of the three is enough. Absent: everybody.' },
);

const role = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, description: 'Shown in the console.', examples: ['Help desk'] }),
    groups: names('Groups (DN or name) whose members have this role. Empty: it is given by hand only.', [['helpdesk']]),
    role: Type.Optional(
      Type.Union([Type.Literal('operator'), Type.Literal('helper'), Type.Literal('auditor')], {
        description: 'The rights of one of the built-in roles.',
      }),
    ),
    rights: Type.Array(Type.Union(rights.map((right) => Type.Literal(right))), {
      default: [],
      uniqueItems: true,
      description: 'Single rights, in addition to those of `role` or instead of it.',
    }),
    scope: Type.Optional(scope),
  },
  { ...closed, description: 'One role.' },
);

export const consoleSection = Type.Object(
  {
    roles: Type.Array(role, {
      default: [],
      description:
        'Who may open the console, and as what; the first that matches is taken. A role can be given to one account by `sparekey console invite`, too.',
    }),
    factors: Type.Array(Type.Union([Type.Literal('passkey'), Type.Literal('totp'), Type.Literal('oidc')]), {
      default: ['passkey', 'totp', 'oidc'],
      minItems: 1,
      uniqueItems: true,
      description: 'The second factors with which the console opens. A password alone never opens it.',
    }),
    secondApproval: Type.Boolean({
      default: false,
      description:
        'A change of the settings takes force only when somebody else with the right `settings.approve` agreed.',
    }),
    desk: deskSection,
  },
  { ...closed, description: 'The console for helpers and operators.' },
);
