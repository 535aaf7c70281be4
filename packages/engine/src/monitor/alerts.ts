import type { Alert, AlertKind, Clock, EventType, Ids, JsonObject, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';

export interface AlertPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a look at the evidence says of one kind of alert. */
export interface AlertFinding {
  readonly monitor: string;
  readonly kind: AlertKind;
  readonly version: number;
  readonly level: 'quiet' | 'suspect' | 'proven';
  readonly summary: string;
  readonly evidence: JsonObject;
}

const ACTOR = 'system:monitor';

/**
 * Moves the alert of (monitor, kind) by one finding: quiet → suspect opens it pending, proven fires it, quiet resolves it. One alert is open at a time, and its
 * id is the incident's. Must run in the transaction that stored the evidence.
 */
export async function moveAlert(ports: AlertPorts, tx: Writers, finding: AlertFinding): Promise<void> {
  const now = ports.clock.now();
  const open = await tx.alerts.open(finding.monitor, finding.kind);
  if (open === undefined) {
    if (finding.level === 'quiet') return;
    const alert: Alert = {
      id: ports.ids.next(),
      monitor: finding.monitor,
      kind: finding.kind,
      version: finding.version,
      state: finding.level === 'proven' ? 'firing' : 'pending',
      pendingAt: now,
      firedAt: finding.level === 'proven' ? now : null,
      resolvedAt: null,
      summary: finding.summary,
      evidence: finding.evidence,
      revision: 1,
    };
    expectWon(await tx.alerts.insert(alert));
    await tell(ports, tx, alert);
    return;
  }
  if (finding.level === 'quiet') {
    await closeAlert(ports, tx, open, finding.summary);
    return;
  }
  if (open.state === 'pending' && finding.level === 'proven') {
    const fired: Alert = {
      ...open,
      state: 'firing',
      firedAt: now,
      version: finding.version,
      summary: finding.summary,
      evidence: finding.evidence,
      revision: open.revision + 1,
    };
    expectWon(await tx.alerts.update(fired, open.revision));
    await tell(ports, tx, fired);
  }
}

/** Resolves an open alert, saying why. */
export async function closeAlert(ports: AlertPorts, tx: Writers, open: Alert, why: string): Promise<void> {
  const resolved: Alert = {
    ...open,
    state: 'resolved',
    resolvedAt: ports.clock.now(),
    evidence: { ...open.evidence, resolved_because: why },
    revision: open.revision + 1,
  };
  expectWon(await tx.alerts.update(resolved, open.revision));
  // One that never fired woke nobody up, so its end is no news either.
  if (open.state === 'firing') await tell(ports, tx, resolved);
}

async function tell(ports: AlertPorts, tx: Writers, alert: Alert): Promise<void> {
  const types: Readonly<Record<Alert['state'], EventType>> = {
    pending: 'alert.pending',
    firing: 'alert.fired',
    resolved: 'alert.resolved',
  };
  await tx.events.append([
    toEvent(ports, types[alert.state], `alert/${alert.id}`, ACTOR, {
      alert: alert.id,
      monitor: alert.monitor,
      kind: alert.kind,
      version: alert.version,
      summary: alert.summary,
    }),
  ]);
}
