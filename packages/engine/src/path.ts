/** Paths of the server's machine, where what runs a step runs too. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

export function join(folder: string, name: string): string {
  return `${folder.replace(/[\\/]+$/, '')}/${name.replace(/^\.\//, '')}`;
}
