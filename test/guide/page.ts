// page.ts: the fenced blocks of a page of docs/guide/, as a reader goes through them.
//
// The info string of a block says what it is:
//   sh               commands; they end with 0, or as exit=N says. `root`: the reader is told that
//                    they are root's. `checkout`: in the checkout. `serve`: they go on, and are
//                    there when the server's start line is; the next such block ends them
//   output           what the block before it prints: … stands for anything in a line, and alone
//                    in a line for any lines
//   text file=PATH   a file to be written; below the reader's folder when PATH is relative
// Whatever has another first word is only to be read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer } from 'marked';
import { packageRoot } from '../../src/paths.ts';

export interface Block {
  readonly kind: 'file' | 'run' | 'serve';
  /** The heading above it; '' before the first. */
  readonly section: string;
  readonly text: string;
  /** Of a file. */
  readonly path?: string;
  readonly inCheckout: boolean;
  readonly exit: number;
  /** None: whatever it prints will do. */
  output?: string;
}

export function readPage(path: string): Block[] {
  return blocksOf(readFileSync(join(packageRoot, path), 'utf8'));
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  for (const token of lexer(markdown)) {
    if (token.type === 'heading' && token['depth'] === 2) section = token['text'] as string;
    if (token.type !== 'code') continue;
    const text = token['text'] as string;
    const [language, ...notes] = ((token['lang'] ?? '') as string).split(' ');
    if (language === 'output') blocks.at(-1)!.output = text;
    const path = valueOf(notes, 'file');
    if (path !== undefined) blocks.push({ kind: 'file', section, text, path, ...PLAIN });
    if (language === 'sh') blocks.push({ section, text, ...commandOf(notes) });
  }
  return blocks;
}

const PLAIN = { inCheckout: false, exit: 0 } as const;
const NOTES = /^(root|checkout|serve|exit=\d+)$/;

function commandOf(notes: readonly string[]): Pick<Block, 'kind' | 'inCheckout' | 'exit'> {
  const unknown = notes.find((note) => !NOTES.test(note));
  if (unknown !== undefined) throw new Error(`a block of commands with ${unknown}`);
  return {
    kind: notes.includes('serve') ? 'serve' : 'run',
    inCheckout: notes.includes('checkout'),
    exit: Number(valueOf(notes, 'exit') ?? 0),
  };
}

function valueOf(notes: readonly string[], name: string): string | undefined {
  return notes.find((note) => note.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** What is printed against what the page says of it; white space at ends of lines is nothing. */
export function isAsSaid(said: string, printed: string): boolean {
  const lines = said.split('\n').map((line) => line.trimEnd());
  const pattern = lines.map((line) => (line === '…' ? '(?:.*\n)*?' : `${wild(line)}\n`)).join('');
  const text = printed.split('\n').map((line) => line.trimEnd());
  return new RegExp(`^${pattern}\n*$`).test(`${text.join('\n').trimEnd()}\n`);
}

function wild(line: string): string {
  return line
    .split('…')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
}
