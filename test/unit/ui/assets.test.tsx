import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { StartPage } from '../../../src/portal/pages/start-page.tsx';
import { createTranslator } from '../../../src/text/index.ts';
import { assets, loadAssets } from '../../../src/ui/assets.ts';
import { renderPage } from '../../../src/ui/render-page.ts';

test('compressed forms hold the same bytes, named after their content', () => {
  const { styles } = assets;
  expect(styles.path).toMatch(/^\/assets\/sparekey-[\w-]{12}\.css$/);
  expect(brotliDecompressSync(styles.br).equals(styles.body)).toBe(true);
  expect(gunzipSync(styles.gzip).equals(styles.body)).toBe(true);
});

test('minifying loses no rule: braces balance, layers come first', () => {
  const css = assets.styles.body.toString();
  expect(css.split('{')).toHaveLength(css.split('}').length);
  expect(css).toMatch(/^@layer tokens,base,parts,last;/);
  expect(css).toContain('calc(var(--radius) + 6px)');
});

test("an organisation's tokens come after ours and change the name of the file", () => {
  const tokensFile = join(mkdtempSync(join(tmpdir(), 'sparekey-')), 'tokens.css');
  writeFileSync(tokensFile, '@layer tokens { :root { --brand: #123456; } }');
  const { styles } = loadAssets({ tokensFile });
  expect(styles.path).not.toBe(assets.styles.path);
  const css = styles.body.toString();
  expect(css.indexOf('#123456')).toBeGreaterThan(css.indexOf('#0b6656'));
});

test('text and background keep AA contrast in both themes', () => {
  const css = assets.styles.body.toString();
  const [light = '', dark = ''] = css.split('prefers-color-scheme: dark');
  const theme = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/--([\w-]+): (#[0-9a-f]{3,6})\b/g)].map(([, name = '', value = '']) => [name, value]),
    );
  for (const colours of [theme(light), theme(dark)]) {
    const pairs: [string, string, number][] = [
      ['ink', 'paper', 4.5],
      ['ink', 'card', 4.5],
      ['soft', 'card', 4.5],
      ['soft', 'paper', 4.5],
      ['brand-ink', 'brand', 4.5],
      ['brand-strong', 'card', 4.5],
      ['brand-strong', 'brand-wash', 4.5],
      ['soft', 'brand-wash', 4.5],
      ['good', 'card', 4.5],
      ['wait', 'card', 4.5],
      ['wait', 'wait-wash', 4.5],
      ['bad', 'card', 4.5],
      ['bad', 'bad-wash', 4.5],
      ['field', 'card', 3],
      ['ring', 'card', 3],
      ['ring', 'paper', 3],
      ['brand', 'card', 3],
    ];
    for (const [text, ground, least] of pairs)
      expect(contrast(colours[text] ?? '', colours[ground] ?? ''), `${text} on ${ground}`).toBeGreaterThanOrEqual(
        least,
      );
  }
});

test('the first page weighs little', () => {
  const page = renderPage(
    <StartPage
      t={createTranslator('en')}
      shell={{
        language: 'en',
        organisation: { name: 'Northfield College', help: { text: 'IT help desk' } },
        path: '/',
        csrf: 'x'.repeat(43),
        nonce: 'x'.repeat(22),
        assets: { styles: assets.styles.path },
      }}
    />,
  );
  const script = assets.script?.br.length ?? 2_000;
  expect(brotliCompressSync(page).length + assets.styles.br.length + script).toBeLessThan(12_000);
});

/** WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((one) => one + one).join('') : hex.slice(1);
    const [r = 0, g = 0, blue = 0] = [0, 2, 4]
      .map((at) => Number.parseInt(full.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
