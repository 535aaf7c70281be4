import type { Usage } from './types.ts';

/** Prices of one type of machine, in the table's currency; what is absent is free. */
export interface Price {
  /** Of a processor used for an hour. */
  readonly cpuHour: number;
  /** Of a GiB of memory used for an hour. */
  readonly gbHour: number;
  /** Of a GPU at one's disposal for an hour. */
  readonly gpuHour: number;
  /** Of the whole machine for an hour, whatever of it was used. */
  readonly hour: number;
}

export interface PriceTable {
  readonly currency: string;
  /** For machines that the table does not name; null: such have no price. */
  readonly standard: Price | null;
  readonly machines: Readonly<Record<string, Price>>;
}

const HOUR_MS = 3_600_000;
const HOUR_S = 3600;
/** Clouds that bill memory by the "GB" hand it out in powers of two. */
const GIB = 1024 ** 3;

/** What measured use costs on a machine; null when the table has no price for it. */
export function toCost(usage: Usage, machine: string | null, table: PriceTable | null): number | null {
  if (table === null) return null;
  const price = machine !== null && Object.hasOwn(table.machines, machine) ? (table.machines[machine] ?? null) : table.standard;
  if (price === null) return null;
  return (
    (usage.wallMs / HOUR_MS) * price.hour +
    ((usage.cpuMs ?? 0) / HOUR_MS) * price.cpuHour +
    ((usage.memoryByteSeconds ?? 0) / HOUR_S / GIB) * price.gbHour +
    (usage.gpuMs / HOUR_MS) * price.gpuHour
  );
}

/** The sum over all that a run used; null when nothing of it has a price. The currency is that of the newest price. */
export function toTotalCost(
  all: readonly { readonly cost: number | null; readonly currency: string | null }[],
): { readonly amount: number; readonly currency: string } | null {
  const priced = all.filter(({ cost, currency }) => cost !== null && currency !== null);
  const currency = priced.at(-1)?.currency ?? null;
  if (currency === null) return null;
  // After a change of the configured currency, amounts of the old one cannot be added to it.
  const same = priced.filter((one) => one.currency === currency);
  return { amount: same.reduce((sum, { cost }) => sum + (cost ?? 0), 0), currency };
}
