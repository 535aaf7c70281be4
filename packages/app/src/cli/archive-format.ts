import { z } from 'zod';
import { experimentRecord, fileRecord, loggedModelRecord, modelMetricRecord, runRecord, seriesRecord } from '../schema/import-record.ts';

/**
 * An archive of runs, a folder or a tar file of one:
 *
 *     archive.json             what it is, and the runs in it; written last, so that one without it is one that was cut off
 *     runs/<run>.ndjson        first line: the run, its experiment, files and logged models; each line after it: points of a metric
 *     blobs/<sha-256>          content of files and patches, once each
 */
export const FORMAT = 'pawl-runs';
export const VERSION = 1;

export const archiveSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  created_at: z.iso.datetime(),
  runs: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{32}$/),
      name: z.string(),
      experiment: z.string(),
      points: z.number().int(),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('Of its file in runs/.'),
    }),
  ),
  content: z.object({ files: z.number().int(), bytes: z.number().int() }),
});

export type Archive = z.infer<typeof archiveSchema>;

/** First line of a run's file. */
export const headSchema = z.object({
  run: runRecord,
  experiment: experimentRecord,
  files: z.array(fileRecord),
  logged_models: z.array(z.object({ model: loggedModelRecord, metrics: z.array(modelMetricRecord), files: z.array(fileRecord) })),
});

export type Head = z.infer<typeof headSchema>;

export { seriesRecord as seriesSchema };

export const runFile = (id: string): string => `runs/${id}.ndjson`;
export const blobFile = (digest: string): string => `blobs/${digest.replace('sha256:', '')}`;
