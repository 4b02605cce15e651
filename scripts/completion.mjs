// completion.mjs: a bash completion for each command, made from its option table.

/**
 * How to complete an option's value, by its placeholder: arguments of compgen; none: nothing can be
 * offered. Words with bars between are offered themselves.
 */
const PLACEHOLDERS = {
  ADDR: '',
  BYTES: '',
  'CIDR|unix': '-W unix',
  DIR: '-d',
  'FILE|-|off': '-f',
  FIELD: "-W 'Cache-Control Date ETag Last-Modified'",
  GLOB: '',
  LIST: '',
  MIB: '',
  MS: '',
  N: '',
  NAME: '',
  'NAME=DIR': '',
  'NAME[:GROUP]': '-u',
  PATH: '',
  SECONDS: '',
};

/** Path and text of each file, from what readTables() gives. */
export function completions({ commands, subcommands, common }) {
  return commands.map((command) => {
    const own = command.program === 'cdbinspect' ? subcommands : [];
    return { name: command.program, text: completion(command, own, common) };
  });
}

function completion({ program, options }, subcommands, common) {
  const values = options.filter(({ value }) => value);
  const lines = [
    `# ${program}: completion for bash, made from the option table of ${program}.`,
    '',
    `_${program}() {`,
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}',
    '  # Bash takes --option=value apart.',
    '  [[ $cur == = ]] && cur=',
    '  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}',
    '  COMPREPLY=()',
    '  case $prev in',
    ...values.map(({ flag, value }) => `    ${flag}) ${offer(valueOffer(flag, value))}return ;;`),
    '  esac',
    ...(subcommands.length > 0 ? bySubcommand(subcommands, common) : dashes('', options, common)),
    `  ${offer("-f -X '!*.cdb'", '-d')}`.trimEnd().replace(/;$/, ''),
    '}',
    `complete -o filenames -F _${program} ${program}`,
  ];
  return `${lines.join('\n')}\n`;
}

function bySubcommand(subcommands, common) {
  const names = subcommands.map(({ name }) => name).join(' ');
  return [
    '  if ((COMP_CWORD == 1)); then',
    `    ${offer(`-W '${names} ${flagsOf(common)}'`)}return`,
    '  fi',
    '  case ${COMP_WORDS[1]} in',
    ...subcommands.flatMap(({ name, options }) => [
      `    ${name})`,
      ...dashes('    ', options, common),
      '      ;;',
    ]),
    '  esac',
  ];
}

function dashes(indent, options, common) {
  return [
    `${indent}  if [[ $cur == -* ]]; then`,
    `${indent}    ${offer(`-W '${flagsOf([...options, ...common])}'`)}return`,
    `${indent}  fi`,
  ];
}

function flagsOf(options) {
  return options.map(({ flag }) => flag).join(' ');
}

function valueOffer(flag, value) {
  if (/^[a-z0-9]+(\|[a-z0-9]+)+$/.test(value)) return `-W '${value.replaceAll('|', ' ')}'`;
  const known = PLACEHOLDERS[value];
  if (known === undefined) throw new Error(`completion of ${flag}: no word on ${value}`);
  return known;
}

/** Shell words that put what compgen finds into COMPREPLY. */
function offer(...generators) {
  const calls = generators.filter((arguments_) => arguments_ !== '');
  if (calls.length === 0) return '';
  const finds = calls.map((arguments_) => `compgen ${arguments_} -- "$cur"`).join('; ');
  return `mapfile -t COMPREPLY < <(${finds}); `;
}
