/** docs/configuration.md: one table per section, from the same schema that validates. */
import { asNode, discriminatorOf, mustBeGiven, type SchemaNode } from '../../src/config/kinds.ts';
import { type Leaf, leavesOf } from '../../src/config/leaves.ts';
import { envName, fileKey } from '../../src/config/path.ts';
import { allowedWords, written } from '../../src/config/words.ts';
import { code, generatedFrom, page, table } from './markdown.ts';

const INTRODUCTION = `# Configuration

Everything stands in one file, \`sparekey.yaml\`. \`sparekey check\` tells every problem in it at once, with its line;
\`sparekey config explain\` shows what is in force and where it came from.

- **Needed are only** \`publicUrl\`, \`organisation.name\`, \`directory\` and \`mail\`. The rest has defaults that follow NIST SP 800-63B-4 and OWASP ASVS 5.0.
- **Durations** are written \`60 s\`, \`10 min\`, \`8 h\`, \`1 d\`.
- **Paths** that are relative count from the folder of \`sparekey.yaml\`.
- **Secrets** (marked 🔑) go into a file of their own: write \`bindPasswordFile: /run/secrets/bind-password\` in place of \`bindPassword\`. One line break at its end is ignored. Keep it unreadable for others (\`chmod 600\`).
- **Environment variables** override the file: \`SPAREKEY_\` and the key in capitals, \`directory.bindDn\` → \`SPAREKEY_DIRECTORY_BIND_DN\`; secrets also as \`SPAREKEY_DIRECTORY_BIND_PASSWORD_FILE\`. Lists are written with commas, lists of lists as \`[[email, totp]]\`. An empty variable counts as not set.
- **Your editor helps** when the file begins with \`# yaml-language-server: $schema=./sparekey.schema.json\` (docs/sparekey.schema.json).`;

function defaultOf({ node, parent, name }: Leaf): string {
  if ('default' in node) return code(written(node.default));
  return mustBeGiven(parent, name) ? '**needed**' : '–';
}

function row(leaf: Leaf): string[] {
  const { path, node } = leaf;
  const example = node.examples?.[0];
  const described = [
    node.description ?? '',
    ...(example === undefined ? [] : [`Example: ${code(written(example))}`]),
    ...(node.secret ? [`Or ${code(fileKey(leaf.name))}.`] : []),
  ];
  return [
    `${node.secret ? '🔑 ' : ''}${code(path)}`,
    allowedWords(node, path),
    defaultOf(leaf),
    described.join(' ').trim(),
  ];
}

const rows = (leaves: readonly Leaf[]): string =>
  leaves.length === 0 ? 'No keys of its own.' : table(['Key', 'Allowed', 'Default', 'What it does'], leaves.map(row));

function section(name: string, node: SchemaNode): string[] {
  const heading = `## ${name}`;
  const tag = discriminatorOf(node);
  if (tag === undefined) {
    const alone = asNode({ properties: { [name]: node }, required: [name] });
    const intro = node.properties && node.description ? [node.description] : [];
    return [heading, ...intro, rows(leavesOf(alone))];
  }
  const branches = (node.anyOf ?? []).flatMap((branch) => [
    `### ${name}: ${tag}: ${branch.properties?.[tag]?.const}`,
    branch.properties?.[tag]?.description ?? '',
    rows(leavesOf(branch, name).filter((leaf) => leaf.name !== tag || leaf.parent !== branch)),
  ]);
  const choice = `One of the following, told apart by \`${tag}\` (${code(envName(`${name}.${tag}`))}).`;
  const fallback = 'default' in node ? [`Default: ${code(written(node.default))}`] : [];
  return [heading, `${node.description ?? ''} ${choice}`, ...fallback, ...branches];
}

export const configurationPage = (schema: SchemaNode): string =>
  page(
    generatedFrom('src/config/sections.ts and the configSchema of each plug-in'),
    INTRODUCTION,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, node]) => section(name, node)),
  );
