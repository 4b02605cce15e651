// messages.ts: what the packer of a preview and its conductor tell each other.
//
// Types alone: the two are programs of their own, and one of them is part of the archiver.

/** The conductor's first word. */
export interface Order {
  /** The folder of the default site. */
  readonly site: string;
  /** Options of cdbpack. */
  readonly flags: readonly string[];
  /** Who else may read the archive; undefined: nobody. */
  readonly group: number | undefined;
}

/** Its answer to every message. */
export type GoOn = 'go on';

export interface Change {
  /** A path of a site, as warnings name it and as it may stand in a message. */
  readonly name: string;
  readonly how: 'changed' | 'new' | 'gone';
}

export interface Changes {
  readonly count: number;
  /** The first few of them. */
  readonly first: readonly Change[];
}

/** There is a new archive, which stays as it is until the answer. */
export interface Packed {
  readonly kind: 'packed';
  readonly archive: string;
  readonly files: number;
  readonly archiveBytes: number;
  /** Since the last archive; of the first one nothing. */
  readonly changes: Changes;
  /** Lines that were not true of the archive before. */
  readonly warnings: string;
  /** Whether the default site has something to show at its root. */
  readonly hasRoot: boolean;
  /** Milliseconds since 1970: the first sign of what is new. */
  readonly noticed: number;
}

/** The folder is in a state that cannot be packed. Told once of a state. */
export interface Refused {
  readonly kind: 'refused';
  readonly text: string;
  readonly exitCode: number;
}

/** After a refusal: it is as it was when the last archive was packed. */
export interface Restored {
  readonly kind: 'restored';
}

/** Changes are found later than they could be. */
export interface Slower {
  readonly kind: 'slower';
  readonly text: string;
}

export type Message = Packed | Refused | Restored | Slower;
