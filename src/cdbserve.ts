#!/usr/bin/env node
// cdbserve.ts: the command cdbserve, once it is known that this Node can run it.
import { startOnNode } from './node_version.ts';

startOnNode('cdbserve', () => import('./cdbserve_main.ts'));
