import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';

/** What the server tells of itself. Clients ask when a workspace is set; there are none here. */
export function serverRoutes(): readonly MlflowRoute[] {
  return [
    defineMlflowRoute({
      operation: 'server_info',
      method: 'GET',
      version: '3.0',
      path: '/server-info',
      handle: async () => ({ store_type: 'SqlStore', workspaces_enabled: false }),
    }),
  ];
}
