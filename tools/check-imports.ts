/** Enforces the arrows of architecture.md: every import in src/ goes along a line of the table below, or the check fails. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';

const KERNEL = ['kernel'];
const BELOW_FLOW = [
  'kernel',
  'staff',
  'policy',
  'methods',
  'directory',
  'outbox',
  'audit',
  'storage',
  'breach',
  'spread',
];
const PAGES = [
  'kernel',
  'staff',
  'policy',
  'methods',
  'directory',
  'audit',
  'flow',
  'insight',
  'settings',
  'rollout',
  'privacy',
  'http',
  'ui',
  'text',
];

/** Room → rooms it may import, and why no more. Its own files are always allowed. */
const ARROWS: Record<string, { to: readonly string[]; why: string }> = {
  kernel: { to: [], why: 'the kernel imports nothing of ours' },
  staff: { to: KERNEL, why: 'who may do what in the console; pure' },
  text: { to: KERNEL, why: 'texts know no feature' },
  ui: { to: ['kernel', 'text'], why: 'components are given what they show' },
  storage: { to: KERNEL, why: 'storage is the lowest room above the kernel' },
  audit: { to: ['kernel', 'storage', 'outbound'], why: 'arrows go audit → storage → kernel; feeds leave the house' },
  outbox: { to: ['kernel', 'storage'], why: 'handlers are handed in by compose.ts' },
  breach: { to: KERNEL, why: 'a corpus is opened by compose.ts and asked by flow' },
  policy: { to: KERNEL, why: 'policy is pure; what it needs is passed in' },
  methods: { to: KERNEL, why: 'plug-ins import the kernel, their interface and shared protocol code' },
  directory: { to: KERNEL, why: 'plug-ins import the kernel, their interface and shared protocol code' },
  outbound: { to: KERNEL, why: 'calls over HTTP, shared by senders and connectors' },
  connectors: {
    to: ['kernel', 'outbound', 'directory'],
    why: 'plug-ins import the kernel, their interface and shared protocol code; a second directory is a directory',
  },
  notify: {
    to: ['kernel', 'outbound', 'ui', 'text'],
    why: 'senders are plug-ins; only their templates use ui and text',
  },
  spread: {
    to: ['kernel', 'connectors', 'directory', 'storage', 'outbox', 'audit'],
    why: 'it brings what flow decided to the connectors',
  },
  config: { to: ['kernel', 'staff'], why: 'registries of plug-ins are handed in, so that nothing is configured twice' },
  settings: {
    to: ['kernel', 'staff', 'config', 'audit', 'storage'],
    why: 'what may be changed is judged by the same schema as the file',
  },
  flow: { to: BELOW_FLOW, why: 'flow returns effects; senders and connectors are behind the outbox' },
  insight: {
    to: ['kernel', 'staff', 'policy', 'methods', 'directory', 'audit', 'storage', 'flow'],
    why: 'it only asks questions',
  },
  rollout: {
    to: ['kernel', 'staff', 'policy', 'methods', 'directory', 'storage', 'audit', 'outbox', 'flow'],
    why: 'it brings people to the journeys; files and pages are read elsewhere',
  },
  privacy: {
    to: ['kernel', 'staff', 'directory', 'audit', 'storage', 'flow', 'outbox'],
    why: 'it gives out and erases what the other rooms keep',
  },
  http: { to: ['kernel', 'ui', 'text'], why: 'the server shell knows no journey' },
  portal: { to: PAGES, why: 'pages go through flow, not around it' },
  console: {
    to: [...PAGES, 'outbox', 'spread'],
    why: 'pages go through flow, not around it; the state of outbox and connected systems is shown as it is',
  },
  api: { to: PAGES, why: 'the API goes through flow, not around it' },
  demo: {
    to: [...PAGES, 'portal', 'notify', 'storage', 'config', 'registries', 'settings-in-force'],
    why: 'the demo is one more page, with seeded people',
  },
};

/** The wiring may import every room: the command line, and the files that stand directly in src/. */
const isWiring = (file: string): boolean => roomOf(file) === 'cli' || file.split('/').length === 2;

/** Only these may import these packages. */
const PACKAGES: { names: readonly string[]; rooms: readonly string[]; why: string }[] = [
  { names: ['ldapts'], rooms: ['directory'], why: 'LDAP is spoken by directories only' },
  { names: ['pg'], rooms: ['storage', 'outbox', 'audit', 'connectors'], why: 'SQL is written next to the tables' },
  { names: ['mariadb'], rooms: ['connectors'], why: 'it is only a connected system' },
  {
    names: ['kysely', 'pg-boss'],
    rooms: ['storage', 'outbox', 'audit'],
    why: 'SQL is written next to the tables',
  },
];
const PLUGIN_ROOMS = ['methods', 'directory', 'connectors', 'notify'];
const FORBIDDEN_NAME = /^(.*-)?(utils?|helpers|managers?|misc|common)$/;

export interface Violation {
  /** Relative to the root, with `/`. */
  file: string;
  line: number;
  what: string;
}

interface Import {
  file: string;
  line: number;
  specifier: string;
  /** The imported file, when it is one of ours. */
  target: string | undefined;
  typeOnly: boolean;
}

const STATEMENT =
  /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w*{][^'";]*?from\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm;

function importsOf(root: string, file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(STATEMENT)].map((found): Import => {
    const specifier = found[2] ?? found[3] ?? '';
    const start = found.index + found[0].length;
    const target = specifier.startsWith('.') ? toPosix(normalize(join(dirname(file), specifier))) : undefined;
    return {
      file,
      line: source.slice(0, start).split('\n').length,
      specifier,
      target,
      typeOnly: found[1] !== undefined,
    };
  });
}

const toPosix = (path: string): string => path.split(sep).join('/');

const sourcesUnder = (root: string): string[] =>
  readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => toPosix(relative(root, join(entry.parentPath, entry.name))))
    .toSorted();

/** `src/flow/a/b.ts` → `flow`; `src/compose.ts` → `compose`. */
const roomOf = (file: string): string => (file.split('/')[1] ?? '').replace(/\.tsx?$/, '');
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
/** `src/directory/openldap/writes.ts` and `src/directory/openldap.ts` → `openldap`. */
const pluginOf = (file: string): string => (file.split('/')[2] ?? '').replace(/\.tsx?$/, '');

function arrowFault({ file, target }: Import): string | undefined {
  if (target === undefined) return undefined;
  if (!target.startsWith('src/')) return 'imports from outside src/';
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === to || isWiring(file)) return undefined;
  const rule = ARROWS[from];
  if (!rule) return `room ${from} has no line in the table of tools/check-imports.ts`;
  return rule.to.includes(to) ? undefined : `room ${from} may not import room ${to}: ${rule.why}`;
}

function siblingFault({ file, target }: Import, plugins: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const room = roomOf(file);
  if (target === undefined || roomOf(target) !== room || pluginOf(file) === 'index') return undefined;
  const sibling = pluginOf(target);
  const isSibling = plugins.get(room)?.has(sibling) === true && sibling !== pluginOf(file);
  return isSibling ? `imports the plug-in ${sibling}: plug-ins never import a sibling` : undefined;
}

function packageFault({ file, specifier, target }: Import): string | undefined {
  if (target !== undefined) return undefined;
  const room = roomOf(file);
  if (room === 'policy' && specifier.startsWith('node:'))
    return `room policy may not import ${specifier}: policy is pure`;
  const rule = PACKAGES.find(({ names }) => names.includes(packageOf(specifier)));
  if (!rule || rule.rooms.includes(room)) return undefined;
  return `room ${room} may not import ${packageOf(specifier)}: ${rule.why} (${rule.rooms.join(', ')})`;
}

/** What the registry of a plug-in room lists is a plug-in; everything else there is shared protocol code. */
function pluginsByRoom(imports: readonly Import[]): Map<string, Set<string>> {
  const listed = PLUGIN_ROOMS.map((room): [string, Set<string>] => {
    const own = imports.filter(
      ({ file, target }) => file === `src/${room}/index.ts` && target?.startsWith(`src/${room}/`),
    );
    return [room, new Set(own.filter(({ typeOnly }) => !typeOnly).map(({ target = '' }) => pluginOf(target)))];
  });
  return new Map(listed);
}

/** Type-only imports are erased, so they make no circle. */
function circles(imports: readonly Import[]): Violation[] {
  const graph = Map.groupBy(
    imports.filter(({ target, typeOnly }) => target !== undefined && !typeOnly),
    ({ file }) => file,
  );
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (done.has(file)) return;
    for (const { target = '', line } of graph.get(file) ?? []) {
      const start = [...trail, file].indexOf(target);
      if (start < 0) visit(target, [...trail, file]);
      else
        found.push({ file, line, what: `circular import: ${[...trail, file].slice(start).join(' → ')} → ${target}` });
    }
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function nameFaults(files: readonly string[]): Violation[] {
  return files.flatMap((file) => {
    const bad = file
      .split('/')
      .map((part) => part.replace(/\.tsx?$/, ''))
      .find((part) => FORBIDDEN_NAME.test(part));
    return bad ? [{ file, line: 1, what: `"${bad}" says nothing: name the file after what it does` }] : [];
  });
}

/** `root` holds `src/`. */
export function checkImports(root: string): Violation[] {
  const files = sourcesUnder(root);
  const imports = files.flatMap((file) => importsOf(root, file));
  const plugins = pluginsByRoom(imports);
  const faults = imports.flatMap((one) =>
    [arrowFault(one), siblingFault(one, plugins), packageFault(one)]
      .filter((what) => what !== undefined)
      .map((what): Violation => ({ file: one.file, line: one.line, what })),
  );
  return [...faults, ...circles(imports), ...nameFaults(files)].toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line,
  );
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  if (!existsSync(join(root, 'src'))) throw new Error('There is no src folder.');
  const violations = checkImports(root);
  for (const { file, line, what } of violations) console.error(`${file}:${line} ${what}`);
  console.log(violations.length === 0 ? 'Imports follow the table.' : `${violations.length} imports break the table.`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
