// preview.ts: a folder as it would be served, packed anew at each change: the conductor.
//
// It starts a packer, which reads and watches the folder and has no wall around it, and a server,
// which is any other cdbserve with all of them, on sockets that stay open as long as the preview.
import { urlOf } from '../boot/listen.ts';
import { EXIT } from '../errors.ts';
import type { Log } from '../log.ts';
import type { WallAddon } from '../native.ts';
import { bind } from './bind.ts';
import { type Shown, changeLine, noRootLine, startLine } from './lines.ts';
import type { Message, Packed } from './messages.ts';
import type { PreviewConfig } from './options.ts';
import { Packer } from './packer.ts';
import { Service } from './service.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Gives the exit code when it has ended as asked, or could not begin, and nothing is left of it.
 * Rejects with a Failure.
 */
export async function preview(
  config: PreviewConfig,
  parts: { readonly wall: WallAddon; readonly version: string },
  log: Log,
): Promise<number> {
  const asked = new Promise<number>((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(EXIT.ok));
  });
  const { site, packing, group, serving, verbose, writeTimeoutMs } = config;
  const listeners = config.addresses.map((each) => bind(parts.wall, each, writeTimeoutMs));
  const sockets = listeners.flatMap((listener) => listener.sockets);
  const packer = new Packer({ site, flags: packing, group });
  const service = new Service({ flags: serving, sockets, verbose }, log);
  const shown = { version: parts.version, site, packing, urls: listeners.map(urlOf) };
  try {
    return await Promise.race([asked, conduct(packer, service, shown, log)]);
  } finally {
    await Promise.all([packer.end(), service.end()]);
  }
}

/** The first archive decides whether there is anything to preview; else gives the exit code. */
async function conduct(packer: Packer, service: Service, shown: Shown, log: Log): Promise<number> {
  const first = await packer.next();
  if (first.kind === 'refused') {
    log.warn(first.text);
    return first.exitCode;
  }
  if (first.kind === 'packed') {
    await serve(service, first, log);
    log.info(startLine(shown, first));
    if (!first.hasRoot) log.warn(`note: ${noRootLine(shown.site, shown.urls[0]!)}`);
  }
  for (;;) {
    packer.goOn();
    const message = await Promise.race([packer.next(), service.lost]);
    await obey(service, message, shown, log);
  }
}

async function obey(
  service: Service,
  message: Message,
  { version }: Shown,
  log: Log,
): Promise<void> {
  if (message.kind === 'refused') {
    return log.warn(`${message.text}\nWhat was packed last is served until this is mended.`);
  }
  if (message.kind === 'restored') return log.info(`${version}: the site is as it was`);
  if (message.kind === 'slower') return log.warn(`note: ${message.text}`);
  await serve(service, message, log);
  log.info(`${version}: ${changeLine(message.changes, Date.now() - message.noticed)}`);
}

async function serve(service: Service, { archive, warnings }: Packed, log: Log): Promise<void> {
  if (warnings !== '') log.relay(warnings.trimEnd());
  await Promise.race([service.show(archive), service.lost]);
}
