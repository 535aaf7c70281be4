/** The form of a name in an environment variable: upper case, everything that is not a letter or digit an underscore. */
export function toEnvName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}
