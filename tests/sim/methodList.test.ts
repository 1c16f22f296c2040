import { expect, it } from 'vitest';
import type { OptionInfo } from '@saccade/protocol';
import { methodInfos } from '@saccade/session';

/** Which values an option takes. */
function values(option: OptionInfo): string {
  switch (option.kind) {
    case 'number':
      return `${option.integer ? 'integer' : 'number'} ${option.min} to ${option.max}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return option.choices.join(' | ');
    case 'text':
      return 'text';
    default:
      return option satisfies never;
  }
}

/** As the formatter writes it. */
const literal = (line: string): string => (line.includes("'") ? JSON.stringify(line) : `'${line}'`);

it('attribute --help lists the methods of the registry, with their options: npx vitest run tests/sim/methodList -u writes it', async () => {
  const lines = methodInfos().flatMap(({ name, title, description, options }) => [
    `  ${name}: ${title}. ${description}`,
    ...options.map((option) => {
      const given = option.default === '' ? 'nothing' : String(option.default);
      return `      ${option.name}=${given}  ${option.description} (${values(option)})`;
    }),
  ]);
  const text = ['Methods, with their options and defaults (--option name=value):', ...lines].join('\n');
  const file = `/**
 * What \`attribute --help\` says of the methods, written by tests/sim/methodList.test.ts from the registry: importing the
 * registry would bring the engines, and --help must answer at once.
 */
export const methodList = [
${text
  .split('\n')
  .map((line) => `  ${literal(line)},\n`)
  .join('')}].join('\\n');
`;
  await expect(file).toMatchFileSnapshot('../../apps/sim/src/commands/attribute/methodList.ts');
});
