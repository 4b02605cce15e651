// headers.mjs: finds the headers of the running Node, so that node-gyp need not download them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The first prefix whose include/node is of exactly this version, or undefined. */
export function findHeaders(version = process.versions.node, prefixes = likelyPrefixes()) {
  return prefixes.find((prefix) => headerVersion(prefix) === version);
}

function likelyPrefixes() {
  const named = process.env.npm_config_nodedir;
  return [...(named ? [named] : []), dirname(dirname(process.execPath)), '/usr', '/usr/local'];
}

function headerVersion(prefix) {
  const path = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  return [part('MAJOR'), part('MINOR'), part('PATCH')].join('.');
}
