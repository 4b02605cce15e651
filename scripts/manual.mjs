// manual.mjs: the pages of the manual as Markdown: man/*.md, filled in from the option tables.
//
// From it scripts/roff.mjs makes man pages and scripts/pages.mjs pages of the site.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './terminal.mjs';

const SECTIONS = { cdbpack: 1, cdbserve: 8, cdbinspect: 1 };

/**
 * What the built programs have in their tables: `commands` in the order of use, `subcommands` of
 * cdbinspect, `exits` with meanings, `common` options.
 */
export async function readTables() {
  const [cli, errors, config, options, inspect] = await Promise.all(
    ['src/cli', 'src/errors', 'src/config', 'archiver/options', 'archiver/inspect'].map(load),
  );
  const exits = Object.entries(errors.EXIT_MEANINGS);
  return {
    commands: [options.COMMAND, config.COMMAND, inspect.COMMAND],
    subcommands: inspect.SUBCOMMANDS,
    exits: exits.map(([name, meaning]) => ({ code: errors.EXIT[name], meaning })),
    common: cli.COMMON,
    describe: cli.describe,
  };
}

/** Each command's page: `name`, `section`, `date` and `markdown` from its first section on. */
export function manualPages(tables) {
  return tables.commands.map((command) => {
    const section = SECTIONS[command.program];
    const text = readFileSync(join(root, 'man', `${command.program}.${section}.md`), 'utf8');
    const [, date, body] = /^# \S+ (\S+)\n\n([^]*)$/.exec(text);
    const parts = partsOf(command, tables);
    const markdown = body.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name) => {
      if (parts[name] === undefined) throw new Error(`man/${command.program}: no part ${name}`);
      return parts[name];
    });
    return { name: command.program, section, date, markdown };
  });
}

function partsOf(command, { subcommands, exits, common, describe }) {
  const ofInspect = command.program === 'cdbinspect';
  return {
    name: `${command.program} - ${plain(command.summary)}`,
    synopsis: fence(
      ofInspect
        ? subcommands.map((subcommand) => `${command.program} ${fullForm(subcommand)}`)
        : command.synopsis.map((form) => `${command.program} ${form}`),
    ),
    options: [...command.options, ...common].map((option) => row(option, describe)).join('\n'),
    subcommands: subcommands.map(subcommandRow).join('\n'),
    exit: exits.map(({ code, meaning }) => `- **${code}**  \n  ${plain(meaning)}`).join('\n'),
    examples: fence(ofInspect ? subcommands.flatMap(({ examples }) => examples) : command.examples),
  };
}

function row(option, describe) {
  const { flag, value, detail } = option;
  const term = value ? `**${flag}** *${plain(value)}*` : `**${flag}**`;
  const help = plain(describe(option));
  // A name keeps its letters, as in "page.html is at /page".
  const text = `${help.replace(/^[a-z]+(?=[ ,:;])/, capitalised)}.`;
  return `- ${term}  \n  ${detail ? `${text} ${plain(detail)}` : text}`;
}

function subcommandRow({ name, operand, options, help }) {
  const flags = options.map(({ flag }) => flag).join(', ');
  const term = `**${name}** *${plain(`ARCHIVE ${operand}`.trimEnd())}*`;
  return `- ${term}  \n  Prints ${plain(help)}. Options: ${plain(flags)}.`;
}

function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function fullForm({ name, operand }) {
  return `${name} ARCHIVE ${operand} [options]`.replace('  ', ' ');
}

function fence(lines) {
  return ['```', ...lines, '```'].join('\n');
}

/** Text that means itself in Markdown. */
function plain(text) {
  return text.replaceAll(/[\\`*_[\]<>|]/g, '\\$&');
}

function load(path) {
  return import(pathToFileURL(join(root, 'dist', `${path}.js`)).href);
}
