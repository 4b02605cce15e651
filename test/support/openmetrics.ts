// openmetrics.ts: reads a page of OpenMetrics by the reference parser, of Debian's package
// python3-prometheus-client.
import { runCommand } from './site.ts';

const SCRIPT = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
families = list(parse(open(sys.argv[1], encoding='utf-8', newline='').read()))
samples = [[s.name, sorted(s.labels.items()), s.value] for f in families for s in f.samples]
print(json.dumps(samples))
`;

type Sample = readonly [
  name: string,
  labels: readonly (readonly [string, string])[],
  value: number,
];

/** Values by name and labels, as `name{a=b,c=d}`. Throws where it is no such page. */
export async function samplesOf(path: string): Promise<ReadonlyMap<string, number>> {
  const ended = await runCommand('/usr/bin/python3', ['-c', SCRIPT, path]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  const samples = JSON.parse(ended.stdout) as readonly Sample[];
  return new Map(
    samples.map(([name, labels, value]) => {
      const list = labels.map((pair) => pair.join('=')).join(',');
      return [list === '' ? name : `${name}{${list}}`, value];
    }),
  );
}
