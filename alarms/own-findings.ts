import { type ServiceName, serviceNames } from '#contracts/commands.ts';
import { type Finding, HOUSE } from '#contracts/findings.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';

type Said = Pick<Finding, 'isPresent' | 'occurrence' | 'since'>;
type OwnKind = 'service_lost' | 'disk_full';

/** What the ledger itself finds: a part of Wardline is down, its own disk is full. It says so as anybody would, by a finding; delays and people follow from the alarm's rule. */
export interface OwnFindings {
  service(status: ServiceStatus): void;
  disk(state: 'full' | 'ok', because?: string): void;
  /** A finding of these kinds as the broker or the ledger holds it: after a restart, what was said before goes on. */
  learn(finding: Said & Pick<Finding, 'ward' | 'kind' | 'subject'>): void;
}

/** `startedAt` begins the count of occurrences, so that it never falls behind what an earlier run has said. */
export function openOwnFindings(bus: Pick<Bus, 'publish' | 'retract' | 'clock'>, log: Log, startedAt: Instant): OwnFindings {
  const said = new Map<string, Said>();
  const wanted = new Map<string, { isPresent: boolean; because: string; since: Instant }>();
  let occurrence = Math.floor(startedAt / 1000);

  function reconcile(kind: OwnKind, subject: string): void {
    const key = `${kind}/${subject}`;
    const want = wanted.get(key);
    const last = said.get(key);
    if (!want || want.isPresent === (last?.isPresent ?? false)) return;
    const at = bus.clock.now();
    const source = kind === 'service_lost' ? subject : 'alarms';
    const finding: Finding = {
      schema: 'finding.v1',
      ward: HOUSE,
      kind,
      subject,
      isPresent: want.isPresent,
      occurrence: want.isPresent || !last ? ++occurrence : last.occurrence,
      since: want.isPresent || !last ? instant(Math.min(want.since, at)) : last.since,
      at,
      evidence: [{ source, what: 'because', value: want.because.slice(0, 200), measuredAt: want.since }],
    };
    said.set(key, finding);
    const params = { ward: HOUSE, kind, subject };
    const sent = want.isPresent ? bus.publish('finding', params, finding) : bus.retract('finding', params, finding);
    sent.catch((error: unknown) => log.warn({ kind, subject, reason: asError(error).message }, 'own finding not sent'));
  }

  return {
    service({ service, state, because, at }) {
      if (service === 'alarms') return;
      wanted.set(`service_lost/${service}`, { isPresent: state === 'down', because: because ?? state, since: at });
      reconcile('service_lost', service);
    },
    disk(state, because) {
      wanted.set('disk_full/alarms', { isPresent: state === 'full', because: because ?? state, since: bus.clock.now() });
      reconcile('disk_full', 'alarms');
    },
    learn(finding) {
      if (finding.ward !== HOUSE) return;
      const isOurs =
        (finding.kind === 'service_lost' && serviceNames.includes(finding.subject as ServiceName)) ||
        (finding.kind === 'disk_full' && finding.subject === 'alarms');
      if (!isOurs) return;
      const key = `${finding.kind}/${finding.subject}`;
      const last = said.get(key);
      if (last && last.occurrence >= finding.occurrence) return;
      said.set(key, finding);
      occurrence = Math.max(occurrence, finding.occurrence);
      if (finding.kind === 'disk_full' && !wanted.has(key)) wanted.set(key, { isPresent: false, because: 'ok', since: bus.clock.now() });
      reconcile(finding.kind as OwnKind, finding.subject);
    },
  };
}
