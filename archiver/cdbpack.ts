#!/usr/bin/env node
// cdbpack.ts: the command cdbpack, once it is known that this Node can run it. Its main is built
// into one file: reading sixty takes longer than a site may.
import { startOnNode } from '../src/node_version.ts';

startOnNode('cdbpack', () => import(new URL('../packer.js', import.meta.url).href));
