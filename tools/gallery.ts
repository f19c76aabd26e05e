/**
 * Renders every page in every state in a real browser under our CSP: pictures, axe findings, CSP violations, sideways scrolling.
 * `node tools/gallery.ts [name-part] [variant,variant]` → .cache/gallery[-name-part]/*.png and sheets of them. Exits 1 on any finding.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Language } from '../src/text/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// A part of the pages has a folder of its own, so that two people can look at different parts at once.
const out = `${root}.cache/gallery${process.argv[2] ? `-${process.argv[2].replace(/\W+$/, '')}` : ''}`;
const build = `${out}/build`;

const variants = {
  phone: { width: 390, height: 844, language: 'en', dark: false },
  narrow: { width: 320, height: 640, language: 'de', dark: false },
  desktop: { width: 1280, height: 800, language: 'en', dark: false },
  dark: { width: 390, height: 844, language: 'en', dark: true },
  arabic: { width: 390, height: 844, language: 'ar', dark: false },
} as const satisfies Record<string, { width: number; height: number; language: Language; dark: boolean }>;
type Variant = keyof typeof variants;

const CSP =
  "default-src 'none'; script-src 'nonce-bm9uY2U' 'strict-dynamic'; style-src 'self' 'nonce-bm9uY2U'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'";

/** Node strips types but no JSX, so the pages are compiled first. */
function compile(): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(build, { recursive: true });
  const options = {
    noEmit: false,
    noCheck: true,
    outDir: 'build',
    rootDir: '../..',
    allowImportingTsExtensions: false,
    types: ['node'],
  };
  writeFileSync(
    `${out}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: options,
      include: [],
      files: ['../../tools/gallery-states.tsx'],
    }),
  );
  const tsc = `${root}node_modules/.bin/tsc`;
  execFileSync(tsc, ['-p', `${out}/tsconfig.json`], { stdio: 'inherit' });
  execFileSync(tsc, ['-p', `${root}src/ui/browser`, '--outDir', `${build}/src/ui/browser`], { stdio: 'inherit' });
  for (const name of readdirSync(`${root}src/ui`))
    if (name.endsWith('.css')) cpSync(`${root}src/ui/${name}`, `${build}/src/ui/${name}`);
}

type States = typeof import('./gallery-states.tsx');

function serve({ states, assets, renderPage }: States): Promise<{ url: string; stop: () => void }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    const asset = [assets.styles, assets.script].find((one) => one?.path === pathname);
    if (asset) return void response.setHeader('content-type', asset.type).end(asset.body);
    if (pathname === '/frame') return void response.setHeader('content-type', 'text/html').end('<p>The mail.');
    // What the start page's script asks for; no device answers here.
    if (pathname === '/passkey/ask') return void response.setHeader('content-type', 'application/json').end('{}');
    const language = (searchParams.get('lang') ?? 'en') as Language;
    const page = states(language)[pathname.slice(1)];
    if (!page) return void response.writeHead(404).end();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', pathname === '/demo-message' ? `${CSP}; frame-src 'self'` : CSP);
    response.end(renderPage(page));
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({ url: `http://127.0.0.1:${port}`, stop: () => server.close() });
    }),
  );
}

interface AxeViolation {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

const axeSource = readFileSync(`${root}node_modules/axe-core/axe.min.js`, 'utf8');

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const violations = (await page.evaluate(
    'axe.run(document, {iframes: false}).then(r => r.violations)',
  )) as AxeViolation[];
  const found = violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      (node) => `axe ${impact} ${id}: ${node.target.join(' ')} ${node.failureSummary.split('\n')[1]?.trim() ?? ''}`,
    ),
  );
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  if (Number(wide) > 0) found.push(`scrolls sideways by ${wide} px`);
  const small = (await page.evaluate(
    `[...document.querySelectorAll('button,summary,.button,.link,nav a,.or a,.list a')].filter(e => e.checkVisibility()).map(e => [e.textContent.trim().slice(0, 30), e.getBoundingClientRect()]).filter(([, r]) => r.height < 43.5).map(([n, r]) => n + ' ' + r.height)`,
  )) as string[];
  return [...found, ...small.map((target) => `target under 44 px: ${target}`)];
}

async function shoot(browser: Browser, url: string, variant: Variant, names: string[]): Promise<number> {
  const { width, height, language, dark } = variants[variant];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
  });
  let count = 0;
  for (const name of names) {
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => message.type() === 'error' && said.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`script: ${error.message}`));
    await page.goto(`${url}/${name}?lang=${language}`, { waitUntil: 'load' });
    await page.screenshot({ path: `${out}/${variant}-${name}.png`, fullPage: true });
    for (const fault of [...said, ...(await faults(page))]) {
      console.log(`${variant} ${name}: ${fault}`);
      count += 1;
    }
    await page.close();
  }
  await context.close();
  return count;
}

/** Several pictures on one, to look at them faster. */
async function sheet(browser: Browser, variant: Variant, names: string[]): Promise<void> {
  const each = variant === 'desktop' ? 4 : 8;
  const { width } = variants[variant];
  const columns = variant === 'desktop' ? 2 : 4;
  for (let start = 0; start < names.length; start += each) {
    const pictures = names.slice(start, start + each).map((name) => {
      const data = readFileSync(`${out}/${variant}-${name}.png`).toString('base64');
      return `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${data}"></figure>`;
    });
    const page = await browser.newPage({ viewport: { width: columns * (width + 16), height: 400 } });
    await page.setContent(
      `<style>body{margin:0;display:grid;grid-template-columns:repeat(${columns},${width}px);gap:16px;background:#888;align-items:start;font:16px sans-serif}figure{margin:0}img{display:block;width:100%}</style>${pictures.join('')}`,
    );
    await page.screenshot({ path: `${out}/sheet-${variant}-${start / each + 1}.png`, fullPage: true });
    await page.close();
  }
}

compile();
const pages = (await import(pathToFileURL(`${build}/tools/gallery-states.js`).href)) as States;
const [part = '', wanted = Object.keys(variants).join(',')] = process.argv.slice(2);
const names = Object.keys(pages.states('en')).filter((name) => name.includes(part));
const server = await serve(pages);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let total = 0;
for (const variant of wanted.split(',') as Variant[]) {
  total += await shoot(browser, server.url, variant, names);
  await sheet(browser, variant, names);
}
await browser.close();
server.stop();
const { styles, script } = pages.assets;
console.log(
  `style sheet ${styles.br.length} B, script ${script?.br.length ?? 0} B (brotli); ${names.length} states, ${total} findings`,
);
process.exitCode = total > 0 ? 1 : 0;
