/** What MLflow shows as text whatever the system says of it. */
const TEXT =
  'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst MLmodel MLproject'.split(' ');

const others: Readonly<Record<string, string>> = {
  css: 'text/css',
  geojson: 'application/geo+json',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  wav: 'audio/x-wav',
  webp: 'image/webp',
  zip: 'application/zip',
};

/** Guessed from the name alone, as MLflow does. */
export function toContentType(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = name.slice(name.lastIndexOf('.') + 1);
  if (TEXT.includes(extension)) return 'text/plain; charset=utf-8';
  return Object.hasOwn(others, extension.toLowerCase()) ? (others[extension.toLowerCase()] as string) : 'application/octet-stream';
}
