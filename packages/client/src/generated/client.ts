// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { Send } from '../request.ts';
import { createBlobClient } from './blob.ts';
import type { BlobClient } from './blob.ts';
import { createCheckClient } from './check.ts';
import type { CheckClient } from './check.ts';
import { createDatasetClient } from './dataset.ts';
import type { DatasetClient } from './dataset.ts';

export interface NativeClient {
  readonly blob: BlobClient;
  readonly check: CheckClient;
  readonly dataset: DatasetClient;
}

export function createNativeClient(send: Send): NativeClient {
  return {
    blob: createBlobClient(send),
    check: createCheckClient(send),
    dataset: createDatasetClient(send),
  };
}
