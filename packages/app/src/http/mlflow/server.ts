import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';

/** What the server tells of itself. */
export function serverRoutes(): readonly MlflowRoute[] {
  return [
    defineMlflowRoute({
      operation: 'server_info',
      method: 'GET',
      version: '3.0',
      path: '/server-info',
      handle: async () => ({
        store_type: 'SqlStore',
        workspaces_enabled: false,
        trace_archival_enabled: false,
        multipart_uploads_enabled: true,
        multipart_downloads_enabled: true,
        features_enabled: { gateway: false },
      }),
    }),
  ];
}
