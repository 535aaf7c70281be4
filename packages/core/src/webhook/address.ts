/** Networks that are not the public Internet (IANA special-purpose registries, RFC 6890 and after). */
const PRIVATE_4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Whether an IP address, as text, is one of the public Internet. What wraps an IPv4 address is judged by that. */
export function isPublicAddress(address: string): boolean {
  const four = toFour(address);
  if (four !== undefined) return !PRIVATE_4.some(([network, bits]) => inNetwork(four, toFour(network) ?? 0, bits));
  const groups = toGroups(address);
  if (groups === undefined) return false;
  const [first = 0, second = 0] = groups;
  const low = ((groups[6] ?? 0) * 0x10000 + (groups[7] ?? 0)) >>> 0;
  const zeros = (count: number): boolean => groups.slice(0, count).every((group) => group === 0);
  // Mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) and 6to4 (2002::/16) addresses lead to the IPv4 address inside.
  if (zeros(5) && groups[5] === 0xffff) return isPublicAddress(toText(low));
  if (first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0)) return isPublicAddress(toText(low));
  if (first === 0x2002) return isPublicAddress(toText((second * 0x10000 + (groups[2] ?? 0)) >>> 0));
  // Only 2000::/3 is given out; of it, 2001::/23 (protocols, Teredo among them), documentation and 3fff::/20 are not public.
  if (first >> 13 !== 1) return false;
  return !((first === 0x2001 && (second < 0x200 || second === 0xdb8)) || (first === 0x3fff && second < 0x1000));
}

function toFour(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.every((byte) => byte < 256) ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : undefined;
}

function toText(four: number): string {
  return [24, 16, 8, 0].map((shift) => (four >>> shift) & 255).join('.');
}

function inNetwork(address: number, network: number, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(network / size);
}

/** The eight groups of an IPv6 address; undefined when it is none. */
function toGroups(text: string): readonly number[] | undefined {
  let plain = text.split('%')[0] ?? '';
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (tail !== null) {
    const four = toFour(tail[2] ?? '');
    if (four === undefined) return undefined;
    plain = `${tail[1] ?? ''}${(four >>> 16).toString(16)}:${(four & 0xffff).toString(16)}`;
  }
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...(head ?? []), ...(rest ?? [])];
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  if (rest === undefined ? given.length !== 8 : given.length > 7) return undefined;
  const filled = [...(head ?? []), ...Array<string>(8 - given.length).fill('0'), ...(rest ?? [])];
  return filled.map((group) => Number.parseInt(group, 16));
}
