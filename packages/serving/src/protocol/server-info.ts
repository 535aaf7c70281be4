/** What this server calls itself in the protocols that ask. */
export const SERVER_NAME = 'pawl';
export const SERVER_VERSION = '0.1.0';
