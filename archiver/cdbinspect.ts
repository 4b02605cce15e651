#!/usr/bin/env node
// cdbinspect.ts: the command cdbinspect, once it is known that this Node can run it.
import { startOnNode } from '../src/node_version.ts';

startOnNode('cdbinspect', () => import('./cdbinspect_main.ts'));
