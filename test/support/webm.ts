// webm.ts: makes a film of still pictures: WebM, one VP8 key frame a second, seekable by its cues.
//
// A lossy WebP picture holds exactly such a frame (RFC 9649 2.5), and every browser makes those.
// The container is EBML (RFC 8794) in the terms of Matroska (RFC 9559).

const SECOND_MS = 1_000;
/** Lengths have four bytes, RFC 8794 4: the cues have their length before they are known. */
const LENGTH_MARK = 0x1000_0000;
const RIFF_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;

const ID = {
  header: 0x1a45_dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x1853_8067,
  info: 0x1549_a966,
  timestampScale: 0x2a_d7b1,
  duration: 0x4489,
  muxer: 0x4d80,
  writer: 0x5741,
  tracks: 0x1654_ae6b,
  track: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codec: 0x86,
  video: 0xe0,
  width: 0xb0,
  height: 0xba,
  cues: 0x1c53_bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cuePositions: 0xb7,
  cueTrack: 0xf7,
  cueCluster: 0xf1,
  cluster: 0x1f43_b675,
  clusterTime: 0xe7,
  simpleBlock: 0xa3,
  void: 0xec,
} as const;

/** The frame of a picture; throws where it has none that is lossy. */
export function frameOf(webp: Buffer): Buffer {
  let at = RIFF_HEAD_BYTES;
  while (at + CHUNK_HEAD_BYTES < webp.length) {
    const start = at + CHUNK_HEAD_BYTES;
    const bytes = webp.readUInt32LE(at + 4);
    if (webp.toString('latin1', at, at + 4) === 'VP8 ') return webp.subarray(start, start + bytes);
    at = start + bytes + (bytes % 2);
  }
  throw new Error(`no lossy WebP: ${JSON.stringify(webp.toString('latin1', 0, 30))}`);
}

/**
 * All pictures have the size of the first. Behind each stand so many bytes that mean nothing: a
 * film of some size from small pictures.
 */
export function webm(frames: readonly Buffer[], voidBytes: number): Buffer {
  const header = element(ID.header, [
    text(ID.docType, 'webm'),
    number(ID.docTypeVersion, 2),
    number(ID.docTypeReadVersion, 2),
  ]);
  const info = element(ID.info, [
    number(ID.timestampScale, 1_000_000),
    float(ID.duration, frames.length * SECOND_MS),
    text(ID.muxer, 'test'),
    text(ID.writer, 'test'),
  ]);
  const start = [info, tracks(frames[0]!)];
  const nothing = element(ID.void, [Buffer.alloc(voidBytes)]);
  const clusters = frames.map((frame, at) =>
    Buffer.concat([cluster(frame, at * SECOND_MS), nothing]),
  );
  const cueBytes = cues(clusters.map(() => 0)).length;
  let position = start.reduce((sum, part) => sum + part.length, cueBytes);
  const positions = clusters.map(({ length }) => (position += length) - length);
  return Buffer.concat([header, element(ID.segment, [...start, cues(positions), ...clusters])]);
}

/** RFC 6386 9.1: width and height stand behind the start code of a key frame. */
function tracks(frame: Buffer): Buffer {
  return element(ID.tracks, [
    element(ID.track, [
      number(ID.trackNumber, 1),
      number(ID.trackUid, 1),
      number(ID.trackType, 1),
      text(ID.codec, 'V_VP8'),
      element(ID.video, [
        number(ID.width, frame.readUInt16LE(6) & 0x3fff),
        number(ID.height, frame.readUInt16LE(8) & 0x3fff),
      ]),
    ]),
  ]);
}

function cues(positions: readonly number[]): Buffer {
  const points = positions.map((position, at) =>
    element(ID.cuePoint, [
      number(ID.cueTime, at * SECOND_MS),
      element(ID.cuePositions, [number(ID.cueTrack, 1), number(ID.cueCluster, position)]),
    ]),
  );
  return element(ID.cues, points);
}

/** One key frame at the cluster's own time. */
function cluster(frame: Buffer, timeMs: number): Buffer {
  const block = Buffer.concat([Buffer.of(0x81, 0, 0, 0x80), frame]);
  return element(ID.cluster, [number(ID.clusterTime, timeMs), element(ID.simpleBlock, [block])]);
}

function element(id: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const name = id.toString(16);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(LENGTH_MARK + content.length);
  return Buffer.concat([Buffer.from(name, 'hex'), length, content]);
}

function number(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return element(id, [bytes]);
}

function float(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, [bytes]);
}

function text(id: number, value: string): Buffer {
  return element(id, [Buffer.from(value, 'latin1')]);
}
