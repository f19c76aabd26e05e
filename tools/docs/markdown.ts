/** Small pieces of Markdown. */

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

/** Every generated page starts with this line. */
export const generatedFrom = (source: string): string =>
  `<!-- Made by \`npm run docs\` from ${source}. Edit that, not this. -->`;

export const page = (...parts: string[]): string => `${parts.join('\n\n')}\n`;
