import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Alarm } from '#contracts/alarms.ts';
import type { Finding } from '#contracts/findings.ts';
import { instant, milliseconds, seconds } from '#contracts/units.ts';
import { type VirtualClock, virtualClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { openAnnouncer } from './announcer.ts';
import { rulesOf } from './domain/rules.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { ledgerStoreIn, openLedgerFile } from './ledger-store.ts';

const committed = () => new Promise((done) => setImmediate(() => setImmediate(done)));

/** A ledger on a real store, with a broker that only listens. */
async function openTestLedger(folder: string, clock: VirtualClock, options: { isBrokerAway?: boolean } = {}) {
  const file = openLedgerFile(join(folder, 'ledger.sqlite'));
  const store = ledgerStoreIn(file);
  const published: Alarm[] = [];
  const disk: string[] = [];
  const taken = (message: Alarm | undefined) => {
    if (message) published.push(message);
    return options.isBrokerAway ? new Promise<void>(() => undefined) : Promise.resolve();
  };
  const bus = {
    clock,
    publish: (_: unknown, __: unknown, message: unknown) => taken(message as Alarm),
    retract: (_: unknown, __: unknown, last?: unknown) => taken(last as Alarm | undefined),
  };
  const ledger = openLedger({
    store,
    ruleOf: rulesOf({ wards: [] }),
    announcer: openAnnouncer(bus, store.announcedUpTo, silentLog()),
    clock,
    log: silentLog(),
    onDisk: (state) => disk.push(state),
  });
  return { file, store, ledger, published, disk };
}

describe('ledger', () => {
  let folder: string;
  let clock: VirtualClock;
  const about = (subject: string, kind: Finding['kind'] = 'occlusion') => ({ ward: '7e', kind, subject });
  const finding = (subject: string, isPresent = true, kind: Finding['kind'] = 'occlusion'): Finding => ({
    schema: 'finding.v1',
    ...about(subject, kind),
    isPresent,
    occurrence: 1,
    since: instant(clock.now() - 60_000),
    at: clock.now(),
    evidence: [],
  });
  const find = (ledger: Ledger, subject: string, isPresent = true) =>
    ledger.submit(about(subject), { type: 'finding', finding: finding(subject, isPresent) });
  const decide = (ledger: Ledger, subject: string) => ledger.submit(about(subject), { type: 'decision', occurrence: 1, decision: {} });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wardline-ledger-'));
    clock = virtualClock(instant(1_800_000_000_000));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on after a crash where it was: alarms, timers and what was not announced', async () => {
    const first = await openTestLedger(folder, clock, { isBrokerAway: true });
    const alarm = await Promise.all([find(first.ledger, '12.1'), decide(first.ledger, '12.1')]).then(([name]) => name);
    assert.ok(alarm);
    first.ledger[Symbol.dispose]();
    await first.store[Symbol.asyncDispose]();

    clock.advance(seconds(20));
    const second = await openTestLedger(folder, clock);
    assert.deepEqual(
      second.published.map(({ alarm: name, revision }) => [name, revision]),
      [[alarm, 1]],
    );
    clock.advance(seconds(10));
    await committed();
    assert.equal(second.published.at(-1)?.escalation, 1);
    assert.deepEqual(
      second.store.log('7e', 9).map(({ what }) => what),
      ['escalated', 'raised', 'decided', 'pending'],
    );
    second.ledger[Symbol.dispose]();
    await second.store[Symbol.asyncDispose]();

    const third = await openTestLedger(folder, clock);
    void find(third.ledger, '13.1');
    clock.advance(seconds(2));
    await committed();
    assert.deepEqual(
      third.published.map(({ subject }) => subject),
      ['13.1'],
      'what the broker has is not said twice',
    );
    assert.notEqual(third.published[0]?.alarm, alarm);
    third.ledger[Symbol.dispose]();
    await third.store[Symbol.asyncDispose]();
  });

  it('puts the most urgent on the bus first', async () => {
    const { ledger, published, store } = await openTestLedger(folder, clock);
    const kinds = ['rate_low', 'sensor_silent', 'near_empty', 'occlusion'] as const;
    const open = kinds.map((kind) => ledger.submit(about('1.1', kind), { type: 'finding', finding: finding('1.1', true, kind) }));
    clock.advance(milliseconds(100));
    await Promise.all(open);
    clock.advance(seconds(2));
    await committed();
    assert.deepEqual(
      published.map(({ priority }) => priority),
      ['high', 'medium', 'low', 'low'],
    );
    ledger[Symbol.dispose]();
    await store[Symbol.asyncDispose]();
  });

  it('writes down who acknowledged', async () => {
    const { ledger, store, published } = await openTestLedger(folder, clock);
    void find(ledger, '12.1');
    await decide(ledger, '12.1');
    const alarm = published[0]!.alarm;
    await ledger.submit(about('12.1'), { type: 'acknowledge', alarm, occurrence: 1, person: 'li' });
    assert.deepEqual(
      store.log(undefined, 1).map(({ what, person }) => [what, person]),
      [['acknowledged', 'li']],
    );
    assert.equal(published.at(-1)?.acknowledgedBy, 'li');
    ledger[Symbol.dispose]();
    await store[Symbol.asyncDispose]();
  });

  it('speaks on a full disk, keeps no answer that it would forget, and catches up', async () => {
    const { file, ledger, store, published, disk } = await openTestLedger(folder, clock);
    const { page_count: pages } = file.raw.prepare('PRAGMA page_count').get() as { page_count: number };
    file.raw.exec(`PRAGMA max_page_count=${pages}`);
    for (let i = 1; i <= 60 && disk.length === 0; i++) {
      await Promise.all([find(ledger, `${i}.1`), decide(ledger, `${i}.1`)]);
      assert.equal(published.at(-1)?.subject, `${i}.1`, 'an alarm that cannot be kept is heard all the same');
    }
    assert.deepEqual(disk, ['full']);
    const last = published.at(-1)!;
    const answer = { type: 'acknowledge', alarm: last.alarm, occurrence: 1, person: 'li' } as const;
    await assert.rejects(ledger.submit(about(last.subject), answer), /cannot be kept/);

    file.raw.exec(`PRAGMA max_page_count=${pages * 100}`);
    clock.advance(milliseconds(1000));
    assert.deepEqual(disk, ['full', 'ok']);
    assert.deepEqual(
      store.log('7e', 1).map(({ what, alarm }) => [what, alarm]),
      [['raised', last.alarm]],
    );
    ledger[Symbol.dispose]();
    await store[Symbol.asyncDispose]();
  });
});
