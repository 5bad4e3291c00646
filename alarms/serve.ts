import { channels } from '#contracts/channels.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Bus, sweep } from '#runtime/bus.ts';
import { Refusal, serveCommands } from '#runtime/commands.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Ledger, Subject } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { OwnFindings } from './own-findings.ts';

/** A finding of an open episode that is neither retained nor said within this time after the start has ended while the ledger was away. */
const CONFIRM_MS = milliseconds(30_000);

/** Joins the ledger to the bus: findings in, commands answered, its own retained alarms put right. Resolves once subscribed. */
export async function serveLedger(bus: Bus, parts: { ledger: Ledger; store: LedgerStore; own: OwnFindings; log: Log }): Promise<void> {
  const { ledger, store, own, log } = parts;
  const unconfirmed = new Map(
    ledger
      .openEpisodes()
      .map(({ alarm, ward, kind, subject, condition }) => [alarm, { about: { ward, kind, subject }, state: condition.state }]),
  );

  await bus.subscribe('finding', {}, async (finding, { params }) => {
    if (!finding) {
      const about = params as Subject;
      if (ledger.episodeOf(about)) await ledger.submit(about, { type: 'withdrawn' });
      return;
    }
    const { ward, kind, subject } = finding;
    if (params.ward !== ward || params.kind !== kind || params.subject !== subject) {
      log.warn({ topic: channels.finding.topic, params, ward, kind, subject }, 'finding says another subject than its topic; dropped');
      return;
    }
    own.learn(finding);
    const known = ledger.episodeOf(finding);
    if (known && finding.isPresent) unconfirmed.delete(known.alarm);
    await ledger.submit(finding, { type: 'finding', finding });
  });
  await bus.subscribe('service', {}, (status) => {
    if (status) own.service(status);
  });

  await serveCommands(
    bus,
    'alarms',
    {
      raise: async ({ ward, kind, subject, occurrence, ...decision }) => {
        const alarm = await ledger.submit({ ward, kind, subject }, { type: 'decision', occurrence, decision });
        if (alarm === undefined) throw new Refusal('the finding has ended', 'refused');
        return { alarm };
      },
      acknowledge: async ({ alarm, occurrence }, { caller, person = caller }) => {
        const about = ledger.subjectOf(alarm);
        if (!about) throw new Refusal(`there is no open alarm ${alarm}`, 'unknown');
        await ledger.submit(about, { type: 'acknowledge', alarm, occurrence, person });
        return { alarm };
      },
      alarmLog: ({ ward, limit }) => ({ transitions: store.log(ward, limit) }),
    },
    log,
  );

  ledger.sayAgain();
  bus.onState((isConnected) => isConnected && ledger.sayAgain());
  const onlyLog = (error: unknown) => log.warn({ reason: asError(error).message }, 'closed alarm not withdrawn');
  await sweep(bus, 'alarm', (_, { alarm }) => {
    if (ledger.subjectOf(alarm)) return true;
    // Closed, and its last word did not get out: say it before the retained one is withdrawn.
    const last = store.lastOf(alarm);
    if (last?.isClosed) bus.retract('alarm', { ward: last.ward, alarm }, last).catch(onlyLog);
    return last?.isClosed ?? false;
  });

  bus.clock.after(CONFIRM_MS, () => {
    for (const [alarm, { about, state }] of unconfirmed) {
      if (state === 'absent' || ledger.episodeOf(about)?.alarm !== alarm) continue;
      log.info({ alarm }, 'finding has ended while the ledger was away');
      void ledger.submit(about, { type: 'withdrawn' });
    }
  });
}
