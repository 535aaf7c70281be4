/**
 * What the filter looks at: numbers computed from subject and body alone, the same function in training and at serving.
 * Shares are per word or per character (0…1); counts and lengths go through log1p, so that one huge mail does not set the scale.
 */
import { isHtml, toText, type Mail } from './mail.ts';

/** Word groups; a feature `word_<group>` is the share of the body's words that belong to it. */
const GROUPS: Readonly<Record<string, string>> = {
  money:
    'money cash dollar dollars income earn earning earnings profit profits rich wealth paid pay bucks million millions billion thousand thousands',
  free: 'free bonus gift gifts prize win winner winning won sample trial complimentary',
  buy: 'order orders buy purchase price prices sale sales discount offer offers save savings cheap deal deals cost shipping product products',
  urgent: 'today limited hurry urgent urgently immediate immediately act expire expires instant instantly fast quick quickly deadline',
  credit:
    'credit debt debts loan loans mortgage mortgages rate rates refinance lender lenders insurance quote quotes policy approval approved bills payment payments',
  health:
    'weight diet lose fat pill pills viagra drug drugs doctor medical health hgh hormone growth age aging sexual natural herbal muscle energy',
  adult: 'sex xxx porn adult adults girls girl nude naked hot teen teens women penis dating singles horny pics',
  remove: 'remove removed removal unsubscribe unsubscribed opt optout mailings receive received receiving mistake',
  click: 'click here visit website site link below form fill online web',
  promise:
    'guarantee guaranteed guarantees risk satisfaction refund proven amazing incredible secret secrets success easy best results legal',
  business:
    'business marketing opportunity opportunities home company companies professional investment invest investors stock market customers',
  letter:
    'dear friend sir madam confidential transaction fund funds account bank transfer foreign country government assistance mr mrs president',
  bulk: 'email emails addresses address bulk targeted internet advertising ad ads send sent mail messages',
  call: 'call phone toll fax contact number tel reply name',
  you: 'you your yours yourself',
  us: 'we our us ours',
  self: "i i'm i've i'd i'll me my mine myself",
  tech: 'linux unix server code perl python java kernel file files patch bug bugs install installed version script package rpm debian apt cvs user users error windows software run running test tests',
  talk: 'think know though thought probably maybe perhaps actually guess seems seem wrote writes wondering guess anyone someone something really mean sure idea problem sounds agree',
  world: 'people world news years state war political law public research science human history book story police',
  hedge: "don't doesn't didn't isn't wasn't can't won't wouldn't couldn't that's it's there's but however although because if whether",
  function: 'the of and a to in is it that for on with as was at by',
};

const GROUP_NAMES = Object.keys(GROUPS);
const GROUP_OF = new Map<string, number>(
  Object.entries(GROUPS).flatMap(([, words], group) => words.split(' ').map((word) => [word, group] as const)),
);

const OTHERS = [
  'subject_length',
  'subject_words',
  'subject_caps',
  'subject_digits',
  'subject_exclamations',
  'subject_question',
  'subject_money',
  'subject_reply',
  'subject_offer',
  'subject_code',
  'body_length',
  'body_words',
  'word_length',
  'distinct_words',
  'long_words',
  'caps_words',
  'caps_letters',
  'digits',
  'exclamations',
  'questions',
  'dollars',
  'percents',
  'punctuation',
  'non_ascii',
  'line_length',
  'blank_lines',
  'quoted_lines',
  'rules',
  'links',
  'link_ip',
  'link_port_or_escape',
  'link_query',
  'addresses',
  'phones',
  'html',
  'markup',
  'images',
  'forms',
  'colours',
  'comments',
  'scripts',
] as const;

/** The one order of the columns, in training data, model and requests alike. */
export const FEATURES: readonly string[] = [...OTHERS, ...GROUP_NAMES.map((name) => `word_${name}`)];

/** The columns that the feature view `sender_activity` adds: mails and confirmed spam of the sender's domain in the last 7 and 30 days. */
export const ACTIVITY = ['mails_7d', 'mails_30d', 'spam_7d', 'spam_30d'] as const;

/** Values in the order of `FEATURES`; every one finite. */
export function computeFeatures({ subject, body }: Pick<Mail, 'subject' | 'body'>): number[] {
  const html = isHtml(body);
  const text = html ? toText(body) : body;
  const values = [...subjectFeatures(subject), ...textFeatures(text), ...linkFeatures(body, text), ...markupFeatures(body, html)];
  return [...values, ...groupShares(text)];
}

const OFFER =
  /\b(?:free|save|money|cash|win|offer|loan|mortgage|credit|rates?|debt|sex|adult|weight|viagra|earn|income|insurance|guaranteed?|opportunity)\b/i;

function subjectFeatures(subject: string): number[] {
  const letters = count(subject, /[a-z]/gi);
  return [
    Math.log1p(subject.length),
    Math.log1p(count(subject, /\S+/g)),
    share(count(subject, /[A-Z]/g), letters),
    share(count(subject, /\d/g), subject.length),
    Math.log1p(count(subject, /!/g)),
    flag(subject.includes('?')),
    flag(/[$€£]|\d%/.test(subject)),
    flag(/^(?:re|aw|fwd?)\b/i.test(subject)),
    flag(OFFER.test(subject)),
    // A random tail, there to make each copy of a mass mailing differ.
    flag(/[\s[(-](?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{5,}[\])]?$|\s\d{4,}$|\s[bcdfghjklmnpqrstvwxz]{4,}$/.test(subject)),
  ];
}

function textFeatures(text: string): number[] {
  const words = text.match(/[A-Za-z][A-Za-z']*/g) ?? [];
  const distinct = new Set<string>();
  let caps = 0;
  let long = 0;
  let letters = 0;
  for (const word of words) {
    letters += word.length;
    if (word.length > 14) long++;
    if (word.length > 1 && word === word.toUpperCase()) caps++;
    if (distinct.size < 400) distinct.add(word.toLowerCase());
  }
  const lines = text.split('\n');
  const written = lines.filter((line) => line.trim() !== '');
  return [
    Math.log1p(text.length),
    Math.log1p(words.length),
    share(letters, words.length),
    share(distinct.size, Math.min(words.length, 400)),
    share(long, words.length),
    share(caps, words.length),
    share(count(text, /[A-Z]/g), letters),
    share(count(text, /\d/g), text.length),
    Math.log1p((1000 * count(text, /!/g)) / (text.length + 200)),
    Math.log1p((1000 * count(text, /\?/g)) / (text.length + 200)),
    Math.log1p(count(text, /[$€£]\s?\d|\b(?:usd|dollars?)\b/gi)),
    Math.log1p(count(text, /\d\s?%/g)),
    share(count(text, /[^\sA-Za-z0-9]/g), text.length),
    share(count(text, /[\u0080-\uffff]/g), text.length),
    Math.log1p(share(text.length, written.length)),
    share(lines.length - written.length, lines.length),
    share(written.filter((line) => /^\s{0,3}[>|:}]/.test(line)).length, written.length),
    Math.log1p(count(text, /[-=_*~#]{6,}/g)),
  ];
}

function linkFeatures(body: string, text: string): number[] {
  const links = body.match(/\bhttps?:\/\/[^\s"'<>)]+/gi) ?? [];
  return [
    Math.log1p(links.length),
    flag(links.some((link) => /^https?:\/\/(?:[^/@]*@)?\d+[.\d]*(?:[:/]|$)/i.test(link))),
    flag(links.some((link) => /^https?:\/\/[^/]*(?::\d|%|@)/i.test(link))),
    share(links.filter((link) => /[?&]\w+=/.test(link)).length, links.length),
    Math.log1p(count(text, /[\w.+-]+@[\w-]+\.[\w.]+/g)),
    Math.log1p(count(text, /\(?\b\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}\b/g)),
  ];
}

function markupFeatures(body: string, html: boolean): number[] {
  if (!html) return [0, 0, 0, 0, 0, 0, 0];
  const tags = body.match(/<[a-z!/][^>]*>/gi) ?? [];
  return [
    1,
    share(
      tags.reduce((sum, tag) => sum + tag.length, 0),
      body.length,
    ),
    Math.log1p(count(body, /<img\b/gi)),
    Math.log1p(count(body, /<(?:form|input)\b/gi)),
    Math.log1p(count(body, /\b(?:bg)?color\s*[=:]/gi)),
    Math.log1p(count(body, /<!--/g)),
    Math.log1p(count(body, /<script\b|\bon(?:load|click|mouse\w+)\s*=/gi)),
  ];
}

function groupShares(text: string): number[] {
  const counts = GROUP_NAMES.map(() => 0);
  const words = text.toLowerCase().match(/[a-z][a-z']*/g) ?? [];
  for (const word of words) {
    const group = GROUP_OF.get(word);
    if (group !== undefined) counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts.map((n) => share(n, words.length));
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function flag(condition: boolean): number {
  return condition ? 1 : 0;
}
