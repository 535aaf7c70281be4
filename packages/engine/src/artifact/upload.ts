import { fault } from '@pawl/core';
import type { ArtifactFile, ArtifactPart, ArtifactPlace, ArtifactUpload, Blobs, Clock, Database, Ids, Random } from '@pawl/core';
import { putFile, requireFilePlace } from './service.ts';

export interface UploadPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

/** Files that come in parts, each on its own and in any order: for networks that break off, and for more than one connection at once. */
export interface UploadService {
  /** Throws `artifact_is_folder`, `artifact_under_file`. */
  begin(place: ArtifactPlace): Promise<ArtifactUpload>;
  /** Stores one part; sent again it replaces the one before. `token` is the upload's. Throws `upload_not_found`, `invalid_input`. */
  putPart(id: string, token: string, number: number, source: AsyncIterable<Uint8Array>): Promise<ArtifactPart>;
  /** Joins the parts, in the order of their numbers, to the file. Digests that are given must be those stored. Throws `upload_not_found`, `upload_incomplete`. */
  complete(
    place: ArtifactPlace,
    id: string,
    parts: readonly { readonly number: number; readonly digest?: string }[],
  ): Promise<ArtifactFile>;
  /** Throws `upload_not_found`. */
  abort(place: ArtifactPlace, id: string): Promise<void>;
}

/** S3's bound, which clients keep to. */
const MOST_PARTS = 10_000;
const ABANDONED_MS = 7 * 24 * 60 * 60 * 1000;

export function createUploadService({ database, blobs, clock, ids, random }: UploadPorts): UploadService {
  const { read } = database;

  async function find(id: string, place?: ArtifactPlace): Promise<ArtifactUpload> {
    const upload = await read.artifacts.upload(id);
    const elsewhere = place !== undefined && (upload?.tree !== place.tree || upload.path !== place.path);
    if (upload === undefined || elsewhere) throw fault('upload_not_found', { id });
    return upload;
  }

  async function* join(parts: readonly ArtifactPart[]): AsyncGenerator<Uint8Array> {
    for (const { digest } of parts) yield* blobs.stream(digest);
  }

  return {
    async begin(place) {
      await requireFilePlace(read.artifacts, place);
      const now = clock.now();
      const upload: ArtifactUpload = { ...place, id: ids.next(), token: toHex(random.bytes(32)), createdAt: now };
      await database.transaction((tx) => tx.artifacts.insertUpload(upload, now - ABANDONED_MS));
      return upload;
    },
    async putPart(id, token, number, source) {
      const upload = await find(id);
      if (upload.token !== token) throw fault('upload_not_found', { id });
      if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
        throw fault('invalid_input', { where: 'part number', problem: `it must be a whole number from 1 to ${MOST_PARTS}.` });
      const part: ArtifactPart = { number, ...(await blobs.putStream(source)) };
      await database.transaction(async (tx) => {
        if ((await tx.artifacts.upload(id)) === undefined) throw fault('upload_not_found', { id });
        await tx.artifacts.putPart(id, part);
      });
      return part;
    },
    async complete(place, id, claimed) {
      const upload = await find(id, place);
      const stored = new Map((await read.artifacts.parts(id)).map((part) => [part.number, part]));
      const parts = claimed
        .map(({ number, digest }) => {
          const part = stored.get(number);
          if (part === undefined) throw fault('upload_incomplete', { id, problem: `part ${number} was not sent.` });
          if (digest !== undefined && digest !== part.digest)
            throw fault('upload_incomplete', { id, problem: `part ${number} is not the one named; send it again.` });
          return part;
        })
        .toSorted((a, b) => a.number - b.number);
      if (parts.length === 0 || parts.length !== stored.size || new Set(parts).size !== parts.length)
        throw fault('upload_incomplete', { id, problem: `${stored.size} parts were sent, and ${claimed.length} are named.` });
      const file: ArtifactFile = { path: upload.path, ...(await blobs.putStream(join(parts))) };
      await putFile(database, upload.tree, file);
      await database.transaction((tx) => tx.artifacts.removeUpload(id));
      return file;
    },
    async abort(place, id) {
      await find(id, place);
      await database.transaction((tx) => tx.artifacts.removeUpload(id));
    },
  };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
