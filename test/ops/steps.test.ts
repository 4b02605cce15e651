// steps.test.ts: the list of steps against native/spawner/step.h, and the words for a lack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STEPS, type Step, explain, summarize } from '../../src/ops/steps.ts';
import { packageRoot } from '../../src/paths.ts';

const lacks = (code: string, ...steps: readonly Step[]) => steps.map((step) => ({ step, code }));

test('both sides name the same steps in the same order', () => {
  const header = readFileSync(join(packageRoot, 'native', 'spawner', 'step.h'), 'utf8');
  const list = /enum step \{([^}]*)\}/.exec(header)![1]!;
  const names = [...list.matchAll(/STEP_(\w+)/g)].map((match) => match[1]);
  expect(names).toEqual([...STEPS]);
});

test.each(['ENOSPC', 'EPERM', 'EACCES', 'ENOSYS', 'EINVAL'])(
  'a namespace refused with %s has a cause and a remedy',
  (code) => {
    for (const step of STEPS.filter((step) => step.endsWith('_NAMESPACE'))) {
      expect(explain(lacks(code, step))).not.toContain('not known here');
    }
  },
);

test.each([
  ['WORLD', 'EPERM', 'EACCES', 'ENOSYS', 'ENOSPC', 'EINVAL', 'ENOENT'],
  ['LANDLOCK_FILES', 'ENOSYS', 'ENOTSUP', 'EPERM'],
  ['UID', 'EPERM', 'EINVAL'],
  ['GID', 'EPERM', 'EINVAL'],
  ['GROUPS', 'EPERM'],
  ['CAPABILITIES', 'EPERM'],
  ['BOUNDING_SET', 'EPERM'],
  ['SECUREBITS', 'EPERM'],
  ['CLONE', 'EAGAIN', 'ENOMEM'],
  ['EXEC', 'EACCES', 'ENOENT'],
] as const)('%s refused has a cause and a remedy for every errno', (step, ...codes) => {
  for (const code of codes) expect(explain(lacks(code, step))).not.toContain('not known here');
});

test('what has one cause stands together, and what follows from another has its cause', () => {
  const given = [
    ...lacks('ENOSPC', 'USER_NAMESPACE', 'MOUNT_NAMESPACE', 'WORLD'),
    ...lacks('EPERM', 'BOUNDING_SET'),
    ...lacks('ENOSYS', 'LANDLOCK_FILES'),
  ];
  const names = 'user namespace, mount namespace, read-only root, empty capability bounding set';
  expect(summarize(given)).toMatch(
    new RegExp(`^${names} \\(ENOSPC: [^;]+\\); Landlock \\(ENOSYS: [^;]+\\)$`),
  );
  expect(explain(given)).toMatch(/^user namespace, [^.]+: ENOSPC\. Likely cause: .+ Remedy: .+\.$/);
});

test('an errno of no row is named all the same', () => {
  expect(explain(lacks('EXDEV', 'WORLD'))).toMatch(/^read-only root: EXDEV\. .*man 2/);
  expect(summarize([])).toBe('');
});
