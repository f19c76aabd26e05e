/** docs/errors.md, from the one error table. */
import { errorCodes, errorTable } from '../../src/kernel/errors.ts';
import { code, generatedFrom, page, table } from './markdown.ts';

const INTRODUCTION = `# Errors

What people see is vague on purpose; the log has the code, the cause and a reference number that the page shows too.
Its texts are in src/text under \`<text>.title\` and \`<text>.text\`.`;

const row = (name: (typeof errorCodes)[number]): string[] => {
  const { status, text, audience, hint } = errorTable[name];
  const seen = audience === 'person' ? 'people' : 'operators, in the log';
  return [code(name), String(status), seen, code(text), hint];
};

export const errorsPage = (): string =>
  page(
    generatedFrom('src/kernel/errors.ts'),
    INTRODUCTION,
    table(['Code', 'HTTP', 'Known to', 'Text', 'Meaning, and what an operator can do'], errorCodes.map(row)),
  );
