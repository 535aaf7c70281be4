import { fault } from '@pawl/core';
import { isLoopback } from '../http/guard.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';

/** `databaseUrl` → `PAWL_DATABASE_URL`. */
export function toEnvironmentName(setting: string): string {
  return `PAWL_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Flags win over the environment, the environment over defaults. The result is frozen. Throws `invalid_input` naming the setting and where it came from. */
export function loadConfig(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const given: Record<string, unknown> = {};
  const origin = new Map<string, string>();
  for (const name of Object.keys(configSchema.shape)) {
    const variable = toEnvironmentName(name);
    if (flags[name] !== undefined) {
      given[name] = flags[name];
      origin.set(name, `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    } else if (environment[variable] !== undefined && environment[variable] !== '') {
      given[name] = environment[variable];
      origin.set(name, variable);
    }
  }
  const refuse = (setting: string, problem: string): Error =>
    fault('invalid_input', { where: origin.get(setting) ?? setting, problem: `${problem}.` });
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(String(issue?.path[0] ?? 'configuration'), issue?.message ?? 'it is not valid');
  }
  const { host } = parsed.data;
  if (!isLoopback(host))
    throw refuse(
      'host',
      `${host} can be reached from other machines, and this server has no access control; listen on 127.0.0.1, and come from elsewhere through a tunnel (ssh -L)`,
    );
  return Object.freeze(parsed.data);
}

/** What a step's command inherits so that it finds its programs. */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'SystemRoot'];
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

/** What those get that install packages for steps: beside the above, where their index is and how the network is reached. */
export function installerEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const wanted = /^(?:PIP_|UV_|PYENV_ROOT$|SSL_CERT_|REQUESTS_CA_BUNDLE$|(?:https?|no|all)_proxy$)/i;
  const found = Object.entries(environment).flatMap(([name, value]) => (value !== undefined && wanted.test(name) ? [[name, value]] : []));
  return { ...inheritedEnvironment(environment), ...(Object.fromEntries(found) as Readonly<Record<string, string>>) };
}
