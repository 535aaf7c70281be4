/**
 * Versions of data against DVC and git-lfs in the same run: 70,000 small files (Debian's Fashion-MNIST as PNG files) and one file of 1 GB, and what a table costs that grows by the
 * hour. Both tools copy small files (their default where the disk has no clones); the 1 GB file is linked by both (`hardlink`), which is what either recommends for large data.
 * DVC pushes to a folder, its fastest remote; Pawl pushes to its server over HTTP.
 */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePython } from '../scripts/python.ts';
import { measureAppends } from './data/appends.ts';
import { digestLimit, makeImages, writeRandom } from './data/files.ts';
import { createDvc, createLfs, startPawl } from './data/tools.ts';
import type { Tool } from './data/tools.ts';
import type { Figure } from './figure.ts';

const GOAL = 5;
const ROUNDS = ['add', 'add_noop', 'add_one', 'status', 'checkout', 'push', 'pull'] as const;
type Round = (typeof ROUNDS)[number];
const GIGABYTE = 1_000_000_000;

export default async function benchmark(): Promise<Readonly<Record<string, Figure>>> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-data-'));
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    const images = join(folder, 'images');
    say('Writing 70,000 images …');
    await makeImages(images);
    const pawl = await startPawl(join(folder, 'pawl'));
    try {
      const python = await ensurePython('data');
      const dvc = await createDvc(join(folder, 'dvc'), python);
      const lfs = await createLfs(join(folder, 'lfs'));
      const figures: Record<string, Figure> = {};
      const [ours, theirs] = [await rounds(pawl, images, say), await rounds(dvc, images, say)];
      for (const round of ROUNDS) figures[round] = against(ours[round], theirs[round], dvc.name);
      if (lfs === undefined) say('git-lfs is not installed and cannot be: apt-get install git-lfs');
      else {
        const others = await rounds(lfs, images, say, ['add', 'status', 'checkout']);
        for (const round of ['add', 'status', 'checkout'] as const)
          figures[`${round}_lfs`] = against(ours[round], others[round], lfs.name, false);
      }
      rmSync(images, { recursive: true });
      Object.assign(figures, await large(folder, pawl, dvc, say));
      Object.assign(figures, await measureAppends(join(folder, 'appends'), say));
      return figures;
    } finally {
      await pawl.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function against(value: number, peer: number, name: string, counts = true): Figure {
  const ratio = peer / value;
  return { value, unit: 's', peer: name, peer_value: peer, ratio, ...(counts ? { goal: `≥ ${GOAL}`, met: ratio >= GOAL } : {}) };
}

async function rounds(
  tool: Tool,
  images: string,
  say: (text: string) => void,
  wanted: readonly Round[] = ROUNDS,
): Promise<Readonly<Record<Round, number>>> {
  const data = join(tool.folder, 'images');
  cpSync(images, data, { recursive: true });
  // Moved away and not removed: right after 70,000 files went, ext4 takes ten times as long to make others, whoever makes them.
  let aside = 0;
  const moveAway = (): void => renameSync(data, join(tool.folder, `.aside-${aside++}`));
  const work: Readonly<Record<Round, () => Promise<number>>> = {
    add: () => tool.add('images'),
    add_noop: () => tool.add('images'),
    add_one: async () => {
      appendFileSync(join(data, 'train', '3', '00003.png'), 'x');
      return tool.add('images');
    },
    status: () => tool.status('images'),
    checkout: async () => {
      moveAway();
      return tool.checkout('images');
    },
    push: () => tool.push('images'),
    pull: async () => {
      moveAway();
      return tool.pull('images');
    },
  };
  const times: Partial<Record<Round, number>> = {};
  for (const round of wanted) {
    times[round] = await work[round]();
    say(`${tool.name}: ${round} ${times[round].toFixed(2)} s`);
  }
  return times as Record<Round, number>;
}

async function large(folder: string, pawl: Tool, dvc: Tool, say: (text: string) => void): Promise<Readonly<Record<string, Figure>>> {
  const times: number[] = [];
  const source = join(folder, 'source.bin');
  writeRandom(source, GIGABYTE);
  const limit = digestLimit(source);
  for (const tool of [pawl, dvc]) {
    mkdirSync(tool.folder, { recursive: true });
    cpSync(source, join(tool.folder, 'large.bin'));
    times.push(await tool.add('large.bin', 'hardlink'));
    say(`${tool.name}: 1 GB ${times.at(-1)?.toFixed(2)} s`);
  }
  const [ours = 0, theirs = 0] = times;
  const share = (100 * limit) / ours;
  return {
    add_1gb: against(ours, theirs, dvc.name),
    add_1gb_of_limit: { value: share, unit: '% of the speed of SHA-256 here', goal: '≥ 80', met: share >= 80 },
  };
}
