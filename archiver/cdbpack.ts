#!/usr/bin/env node
// cdbpack.ts: the command cdbpack, once it is known that this Node can run it.
import { startOnNode } from '../src/node_version.ts';

startOnNode('cdbpack', () => import('./cdbpack_main.ts'));
