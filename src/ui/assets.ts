/**
 * The style sheet and the browser script: one file each, named after their content, compressed once at start.
 * Works from src and from dist; from dist (production) a missing file stops the start with a sentence that says why.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface Asset {
  /** For `<link>` and `<script>`, and the route to serve it at, with `immutable`. */
  path: string;
  /** Content type. */
  type: string;
  body: Buffer;
  br: Buffer;
  gzip: Buffer;
}

export interface Assets {
  styles: Asset;
  /** Missing only in a checkout that was not built: pages work without it. */
  script: Asset | undefined;
}

export interface AssetOptions {
  /** An organisation's own token file, loaded after ours. */
  tokensFile?: string;
}

const SHEETS = [
  'tokens.css',
  'base.css',
  'shell.css',
  'parts.css',
  'forms.css',
  'pages.css',
  'console.css',
  'media.css',
];
const here = new URL('.', import.meta.url);
const fromSource = import.meta.url.endsWith('.ts');
const NOT_BUILT =
  'is missing. Run "npm run build" first: it compiles the browser script and copies the style sheets to dist/ui.';

export function loadAssets({ tokensFile }: AssetOptions = {}): Assets {
  const sheets = SHEETS.map((name) => read(new URL(name, here)));
  if (tokensFile) sheets.splice(1, 0, readFileSync(tokensFile, 'utf8'));
  const css = `@layer tokens,base,parts,last;${minifyCss(sheets.join('\n'))}`;
  const code = browserScript();
  return {
    styles: asset('css', 'text/css; charset=utf-8', css),
    script: code === undefined ? undefined : asset('js', 'text/javascript; charset=utf-8', code),
  };
}

/** The default look. */
let made: Assets | undefined;
export const assets: Assets = {
  get styles() {
    made ??= loadAssets();
    return made.styles;
  },
  get script() {
    made ??= loadAssets();
    return made.script;
  },
};

function read(file: URL): string {
  if (!existsSync(file)) throw new Error(`${fileURLToPath(file)} ${NOT_BUILT}`);
  return readFileSync(file, 'utf8');
}

/** Comments, line breaks and the blanks around braces; nothing that could change a value. */
const minifyCss = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};]) ?/g, '$1')
    .replace(/;}/g, '}')
    .trim();

/** Each behaviour is a module without imports; a block keeps its names to itself. */
function browserScript(): string | undefined {
  const folder = new URL(fromSource ? '../../dist/ui/browser/' : 'browser/', here);
  if (!existsSync(folder)) {
    if (fromSource && process.env['NODE_ENV'] !== 'production') return undefined;
    throw new Error(`${fileURLToPath(folder)} ${NOT_BUILT}`);
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map(
      (name) =>
        `{${read(new URL(name, folder))
          .replace(/^export \{\};\s*/gm, '')
          .trim()}}`,
    )
    .join('\n');
}

function asset(extension: string, type: string, text: string): Asset {
  const body = Buffer.from(text);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  return {
    path: `/assets/sparekey-${hash}.${extension}`,
    type,
    body,
    br: brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
    gzip: gzipSync(body, { level: 9 }),
  };
}
