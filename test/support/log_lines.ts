// log_lines.ts: lines of an access log, read back by a reader that takes no other form.

export interface CombinedLine {
  readonly client: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly request: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string;
  readonly userAgent: string;
}

const ADDRESS = String.raw`(-|[0-9a-f.:]+)`;
const TIME = String.raw`\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) \+0000\]`;
const QUOTED = String.raw`"((?:[ !#-\[\]-~]|\\x[0-9A-F]{2})+)"`;
const LINE = new RegExp(
  `^${ADDRESS} - - ${TIME} ${QUOTED} ([1-5]\\d\\d) (0|[1-9]\\d*) ${QUOTED} ${QUOTED}$`,
);
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Throws where the line is of another form. Texts have their bytes as characters. */
export function parseCombined(line: string): CombinedLine {
  const parts = LINE.exec(line);
  if (!parts) throw new Error(`no line of a combined log: ${JSON.stringify(line)}`);
  const [, client = '', day, month = '', year, time, request = '', status, bytes] = parts;
  const monthNumber = String(MONTHS.indexOf(month) / 3 + 1).padStart(2, '0');
  return {
    client,
    time: `${year}-${monthNumber}-${day}T${time}Z`,
    request: unescape(request),
    status: Number(status),
    bytes: Number(bytes),
    referer: unescape(parts[9]!),
    userAgent: unescape(parts[10]!),
  };
}

function unescape(text: string): string {
  return text.replaceAll(/\\x(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
