/** What stands in the place of a secret. */
const MASK = '***';

/** Names of variables that hold secrets. */
const SECRET_NAME =
  /(?:^|_)(?:TOKEN|SECRET|SECRETS|PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH)(?:$|_)/i;
/** Of a folder, a file or a switch: known to everybody, and masking it would spoil the log. */
const NO_SECRET = /^(?:\/|\.{0,2}\/|~)|^(?:true|false|none|null|\d{1,7})$/i;
const SHORTEST = 6;

/** Tokens whose makers gave them a form (as the scanners of GitHub and GitLab know them), credentials in addresses, and passwords given on a command line. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, MASK],
  [/\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g, MASK],
  [/\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g, MASK],
  [/\bglpat-[A-Za-z0-9_-]{20,64}/g, MASK],
  [/\bhf_[A-Za-z0-9]{30,64}\b/g, MASK],
  [/\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,200}/g, MASK],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,200}/g, MASK],
  [/\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/g, MASK],
  [/\b(bearer +)[A-Za-z0-9._~+/-]{12,4000}=*/gi, `$1${MASK}`],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}):[^\s@/]{1,200}@/gi, `$1:${MASK}@`],
  [/(--?(?:password|passwd|token|secret|api[-_]?key)[ =])[^\s]{1,500}/gi, `$1${MASK}`],
];

/**
 * Takes secrets out of text: the values of variables that are named like one, and what has the form of one. Nothing can know every secret; this is for those that slip into a log
 * unseen.
 */
export function createMask(environment: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const values = new Set<string>();
  for (const [name, value = ''] of Object.entries(environment)) {
    if (SECRET_NAME.test(name) && value.length >= SHORTEST && !NO_SECRET.test(value)) values.add(value);
  }
  // The longest first: one may be part of another.
  const longest = [...values].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let masked = text;
    for (const value of longest) if (masked.includes(value)) masked = masked.replaceAll(value, () => MASK);
    for (const [form, by] of FORMS) masked = masked.replace(form, by);
    return masked;
  };
}
